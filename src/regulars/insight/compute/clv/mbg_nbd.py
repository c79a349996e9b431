"""MBG/NBD: a customer may be gone after the very first purchase too (Batislam, Denizel & Filiztekin 2007, IJRM 24:3).

It suits shops where many come once: in BG/NBD nobody who bought once can be gone.
"""

from regulars.insight.compute.clv.dropout import DropoutModel

MBG_NBD = DropoutModel("mbg_nbd", first_chance=1)
