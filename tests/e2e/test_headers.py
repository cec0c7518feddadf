"""What the pages owe to the browser that shows them."""

import httpx


def test_every_page_forbids_foreign_scripts_and_frames(stack):
    for path in ("/", "/desk/login", "/nirgends"):
        headers = httpx.get(stack.url + path, headers={"Accept": "text/html"}).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_a_post_from_another_site_is_refused(stack):
    form = {"login": "lushi01", "password": stack.logins["lushi01"]}
    url = stack.url + "/desk/login"
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {}):
        assert httpx.post(url, data=form, headers=headers).status_code == 403
    assert httpx.post(url, data=form, headers={"Origin": stack.url}).status_code == 303


def test_only_listed_packages_are_served(stack):
    assert httpx.get(stack.url + "/static/vendor/htmx.min.js").status_code == 200
    for path in ("axe.min.js", "..%2f..%2fpackage.json", "%2e%2e/package.json"):
        assert httpx.get(f"{stack.url}/static/vendor/{path}").status_code == 404
