"""What a browser would send of a page's form."""

from html.parser import HTMLParser

from django.http import QueryDict


class _Form(HTMLParser):
    """Inputs, boxes and lists of one form, in their order."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.wanted, self.inside, self.pairs = form_id, False, list[tuple[str, str]]()
        self.select, self.first, self.chosen = "", None, None

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "form" and told.get("id") == self.wanted:
            self.inside = True
        if not self.inside:
            return
        name = told.get("name", "")
        is_box = told.get("type") in ("checkbox", "radio")
        if tag == "input" and name and (not is_box or "checked" in told):
            self.pairs.append((name, told.get("value") or ""))
        elif tag == "select":
            self.select, self.first, self.chosen = name, None, None
        elif tag == "option" and self.select:
            self.first = told.get("value") if self.first is None else self.first
            self.chosen = told.get("value") if "selected" in told else self.chosen

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        elif tag == "select" and self.select:
            self.pairs.append((self.select, self.chosen if self.chosen is not None else self.first or ""))
            self.select = ""


def form_of(html: str, form_id: str) -> QueryDict:
    """The fields of a form as they stand on the page."""
    parser = _Form(form_id)
    parser.feed(html)
    told = QueryDict(mutable=True)
    for name, value in parser.pairs:
        if name != "csrfmiddlewaretoken":
            told.appendlist(name, value)
    return told
