"""The formats of credentials of clouds and services other than AI providers.

Own shapes, because detect-secrets' patterns do not hold the whole value (`ghp` of a GitHub token, the
header line of a private key); what only detect-secrets knows is in `_detect_secrets`. The shapes are as commonly
published; they were not checked against each issuer.
"""

from callsafe.rules.credentials._formats import Format


def _prefix(name: str, provider: str, *shapes: str, entropy: float = 3.0, back: int = 0) -> Format:
    return Format(name, provider, "prefix", shapes, entropy, (), back)


def _ctx(
    name: str, provider: str, *shapes: str, names: tuple[str, ...], entropy: float = 3.0, back: int = 0
) -> Format:
    return Format(name, provider, "ctx", shapes, entropy, names, back)


CLOUD = (
    _prefix("aws-access-key", "AWS", "AKIA{u16}", "ASIA{u16}", "ABIA{u16}", "ACCA{u16}", entropy=2.8),
    _ctx(
        "aws-secret-key", "AWS", "{c40}", names=("aws", "secret_access_key", "secretaccesskey"), entropy=4.0
    ),
    _prefix(
        "github",
        "GitHub",
        *(f"gh{k}_{{a36}}" for k in "pousr"),
        "github_pat_{a22}_{a59}",
        *(f"gh{k}_{{a36-251}}" for k in "pousr"),
    ),
    _prefix(
        "gitlab",
        "GitLab",
        "glpat-{b20}",
        "glpat-{b20-300}",
        "gldt-{b20}",
        "glrt-{b20-60}",
        "glptt-{h40}",
        "glft-{b20}",
        "glsoat-{b20}",
        "glagent-{b50}",
        "glcbt-{b20-60}",
    ),
    _prefix(
        "slack",
        "Slack",
        "xoxb-{d9-14}-{d9-14}-{a23-34}",
        "xoxp-{d9-14}-{d9-14}-{d9-14}-{a28-40}",
        "xoxe.xoxp-{d1}-{b140-180}",
        "xapp-{d1}-{u9-14}-{d9-14}-{h64}",
        "xoxa-{d9-14}-{b20-160}",
        "xoxs-{d9-14}-{b20-160}",
        "xoxr-{d9-14}-{b20-160}",
        "xoxb-{d9-14}-{b20-80}",
        "xoxp-{d9-14}-{b20-120}",
    ),
    _prefix("stripe", "Stripe", "sk_live_{a24-247}", "rk_live_{a24-247}"),
    _prefix("sendgrid", "SendGrid", "SG.{b22}.{b43}", back=3),
    _prefix("npm", "npm", "npm_{a36}"),
    _prefix("pypi", "PyPI", "pypi-AgEIcHlwaS5vcmc{b70-400}", "pypi-AgENdGVzdC5weXBpLm9yZw{b70-400}"),
    _prefix("google-oauth", "Google", "GOCSPX-{b28}"),
    _prefix("google-access-token", "Google", "ya29.{b60-1000}", back=5),
    _prefix("digitalocean", "DigitalOcean", "dop_v1_{h64}", "doo_v1_{h64}", "dor_v1_{h64}"),
    _prefix("shopify", "Shopify", "shpat_{h32}", "shpca_{h32}", "shppa_{h32}", "shpss_{h32}", entropy=2.8),
    _prefix("square", "Square", "sq0csp-{b43}", "sq0atp-{b22}"),
    _prefix("hashicorp-vault", "HashiCorp Vault", "hvs.{b24-300}", "hvb.{b24-300}", back=4, entropy=3.4),
    _prefix("doppler", "Doppler", "dp.pt.{a43}", "dp.st.{l2-20}.{a40-44}", entropy=3.4),
    _prefix("linear", "Linear", "lin_api_{a40}"),
    _prefix("notion", "Notion", "ntn_{d11}{a35}", entropy=3.8),
    Format("notion-internal", "Notion", "struct", ("secret_{a43}",), 3.8, ("notion",)),
    _prefix("postman", "Postman", "PMAK-{h24}-{h34}"),
    _prefix("atlassian", "Atlassian", "ATATT3{b180-200}", "ATCTT3{b180-200}"),
    _prefix("airtable", "Airtable", "pat{a14}.{h64}", back=18),
    _prefix("supabase", "Supabase", "sbp_{h40}", "sb_secret_{b31}"),
    _prefix("sentry", "Sentry", "sntrys_{b60-400}", "sntryu_{h64}"),
    _prefix("grafana", "Grafana", "glsa_{a32}_{h8}", "glc_{a40-200}"),
    _prefix("newrelic", "New Relic", "NRAK-{u27}"),
    _prefix("docker", "Docker", "dckr_pat_{b27}", "dckr_oat_{b32}"),
    _prefix("figma", "Figma", "figd_{b40}"),
    _prefix("age", "age", "AGE-SECRET-KEY-1{u58}"),
    _prefix("mapbox", "Mapbox", "sk.eyJ{b60-90}.{b22}", back=3),
    _prefix("telegram", "Telegram", "{d10}:AA{b33}", back=11),
)
"""Formats of clouds and services, in the same vocabulary as those of AI providers."""
