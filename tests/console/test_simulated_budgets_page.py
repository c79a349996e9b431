"""A draft with a budget for all members: its simulation says how much of it would have been given, and until when."""

import pytest

from regulars.core.calendar import business_date
from regulars.flows import jobs
from regulars.loyalty import drafts_view
from regulars.loyalty.simulation import queries
from tests.flows.working import context
from tests.flows.world import SHANGHAI

from .programme_form import begun, rule_form
from .shop import a_shop, days_ago, staff

pytestmark = pytest.mark.django_db


def test_the_page_tells_how_far_a_budget_would_have_been_used_up():
    a_shop()
    browser = staff()
    page = begun(browser)
    budget = {"limits-0-most": "150", "limits-0-period": "budget"}
    assert browser.post(f"{page}rules/new/", rule_form(after=1, **budget)).status_code == 302
    assert drafts_view.open_drafts()[0].terms["rules"][0]["limits"][0]["period"] == "budget"
    browser.post(f"{page}simulate/")
    jobs.simulate_programme(context(), simulation_id=queries.runs(most=1)[0].id)
    found = queries.runs(most=1)[0].result
    assert found is not None
    assert [(one.used, one.ended) for one in found.budgets] == [(150, business_date(days_ago(120), SHANGHAI))]
    shown = browser.get(page).text
    assert "Budgets for all members together" in shown
    row = shown.partition("Budgets for all members together</h3>")[2].partition("</ul>")[0]
    assert "Double from 100" in row
    assert "150 / 150 points" in row
