"""The pages around signing in, in the console's look, with django-allauth's real forms."""

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.utils import timezone

from regulars.staff import actions
from regulars.staff.rules import SYSTEM

EMAIL, PASSWORD = "lin@example.com", "a short sentence is easy"

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    actions.create_user(
        email=EMAIL, role="owner", by=SYSTEM, at=timezone.now(), name="林晓", language="zh-hans", password=PASSWORD
    )
    return Client()


def _sign_in(browser: Client) -> None:
    answer = browser.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert answer.status_code == 302


def test_sign_in_page_is_ours_in_both_languages(browser: Client) -> None:
    assert "欢迎回来" in browser.get("/accounts/login/", headers={"Accept-Language": "zh-CN"}).text
    assert "Welcome back" in browser.get("/accounts/login/", headers={"Accept-Language": "en"}).text


def test_a_wrong_password_is_told_once(browser: Client) -> None:
    answer = browser.post("/accounts/login/", {"login": EMAIL, "password": "wrong"})
    assert answer.status_code == 200
    assert answer.text.count('role="alert"') == 1


def test_change_password_page(browser: Client) -> None:
    _sign_in(browser)
    page = browser.get("/accounts/password/change/").text
    assert "再输一次新密码" in page
    assert "林晓" in page
    wrong = browser.post("/accounts/password/change/", {"oldpassword": "x", "password1": "y", "password2": "z"}).text
    assert 'id="id_oldpassword_error"' in wrong


def test_two_step_sign_in_from_start_to_end(browser: Client) -> None:
    _sign_in(browser)
    assert "两步验证" in browser.get("/accounts/2fa/").text
    assert "请确认是您本人" in browser.get("/accounts/2fa/totp/activate/", follow=True).text
    page = browser.post(
        "/accounts/reauthenticate/?next=/accounts/2fa/totp/activate/", {"password": PASSWORD}, follow=True
    )
    assert "扫描下面的二维码" in page.text
    secret = page.context["form"].secret
    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value(secret, counter))
    codes = browser.post("/accounts/2fa/totp/activate/", {"code": code}, follow=True)
    assert "恢复码" in codes.text
    assert "个，手机丢失时使用" in browser.get("/accounts/2fa/").text
    for path in ("recovery-codes/", "recovery-codes/generate/", "totp/deactivate/"):
        assert browser.get(f"/accounts/2fa/{path}", follow=True).status_code == 200
    browser.post("/accounts/logout/")
    challenge = browser.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD}, follow=True)
    assert "还差一步" in challenge.text


def test_the_palette_offers_only_what_the_role_may_open(browser: Client) -> None:
    _sign_in(browser)
    assert "修改密码" in browser.get("/palette/?q=mima").text
    assert "没有找到" in browser.get("/palette/?q=zzzz").text
