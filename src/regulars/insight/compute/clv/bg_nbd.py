"""BG/NBD: after each repeat purchase a customer may be gone (Fader, Hardie & Lee 2005, Marketing Science 24:2)."""

from regulars.insight.compute.clv.dropout import DropoutModel

BG_NBD = DropoutModel("bg_nbd", first_chance=0)
