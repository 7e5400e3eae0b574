"""The configuration: every door refuses a wrong key or value by its name."""

from pathlib import Path

import pytest
import yaml

from server.config import BadConfiguration, load_settings, places
from server.config_page import PAGE, page

ROOT = Path(__file__).parent.parent.parent
SECRET = "a-secret-of-more-than-thirty-two-characters"


def faults(tmp_path, text="", **environ):
    file = tmp_path / "config.yaml"
    file.write_text(text)
    with pytest.raises(BadConfiguration) as refusal:
        load_settings(file, environ)
    return [fault.replace(str(file), "FILE") for fault in refusal.value.faults]


def test_the_shipped_file_is_the_defaults(tmp_path):
    shipped = load_settings(ROOT / "config.yaml", {})
    assert shipped == load_settings(None, {}) or shipped.storage.data_dir == ROOT / "data"
    written = yaml.safe_load((ROOT / "config.yaml").read_text())
    for place in places():
        value = written
        for part in place.name.split("."):
            assert part in value, f"{place.name} is missing from config.yaml"
            value = value[part]


def test_the_page_tells_every_setting():
    assert PAGE.read_text(encoding="utf-8") == page()


def test_a_variable_wins_over_the_file(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("server: {port: 9000, behind_proxy: true}\nstorage: {mongodb: {driver: motor}}")
    settings = load_settings(
        file,
        {
            "TUTTI_SERVER_PORT": "9001",
            "TUTTI_STORAGE_MONGODB_URI": "mongodb://there",
            "TUTTI_STORAGE_DATA_DIR": "elsewhere",
            "TUTTI_SERVER_CORS_ORIGINS": "http://a, http://b",
            "HOME": "/",
        },
    )
    assert settings.server.port == 9001
    assert settings.server.behind_proxy is True
    assert settings.server.cors_origins == ("http://a", "http://b")
    assert settings.storage.mongodb.driver == "motor"
    assert settings.storage.mongodb.uri == "mongodb://there"
    assert settings.storage.data_dir == tmp_path / "elsewhere"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("server: {prot: 1}", "FILE: unknown setting server.prot; did you mean server.port?"),
        ("tiers: {premum: {devices: 1}}", "unknown section tiers.premum; did you mean tiers.premium?"),
        ("tiers: {free: {qualty: low}}", "FILE: unknown setting tiers.free.qualty; did you mean tiers.free.quality?"),
        (
            "tiers: {free: {quality: hihg}}",
            "FILE: tiers.free.quality must be one of low, normal, high, lossless, not 'hihg'; did you mean high?",
        ),
        ("tiers: {free: {skips_per_hour: many}}", "FILE: tiers.free.skips_per_hour must be a whole number, not 'many'"),
        ("tiers: {free: {devices: null}}", "FILE: tiers.free.devices must be a whole number, not None"),
        ("sever: {port: 1}", "unknown section sever; did you mean server?"),
        ("server: {port: 70000}", "FILE: server.port must be from 0 to 65535, not 70000"),
        ("server: {port: eight}", "FILE: server.port must be a whole number, not 'eight'"),
        ("server: {port: 80.5}", "FILE: server.port must be a whole number, not 80.5"),
        ("server: {port: true}", "FILE: server.port must be a whole number, not True"),
        ("server: {drain_seconds: .nan}", "FILE: server.drain_seconds must be a number, not nan"),
        ("server: {mode: prod}", "FILE: server.mode must be one of development, production, not 'prod'; did you mean "),
        ("server: {behind_proxy: maybe}", "FILE: server.behind_proxy must be true or false, not 'maybe'"),
        ("server: 5", "server must hold settings, not 5"),
        ("server: {host: [a]}", "FILE: server.host must be text, not ['a']"),
        ("server: {cors_origins: {a: b}}", "FILE: server.cors_origins must be a list of texts, not {'a': 'b'}"),
        (
            "storage: {mongodb: {driver: mongo}}",
            "FILE: storage.mongodb.driver must be one of pymongo, motor, not 'mongo'",
        ),
        ("storage: {data_dir: ''}", "FILE: storage.data_dir must be a path, not ''"),
        ("- a", "FILE: must hold sections such as `server:`"),
        ("a: [", "FILE: is not valid YAML: while parsing"),
        ("server: {secret: short}", "server.secret must have at least 32 characters"),
        (
            "{billing: {secret_key: pk_1}, server: {public_url: https://a.b}}",
            "billing.secret_key must begin with sk_ or rk_",
        ),
        ("billing: {webhook_secrets: 'whsec_a,b'}", "billing.webhook_secrets must each begin with whsec_"),
        (
            "billing: {secret_key: sk_test_1}",
            "server.public_url must be set where billing.secret_key is: Stripe sends people back there",
        ),
        ("billing: {prices: {premium_month: p, family_month: p}}", "billing.prices names a price twice"),
        ("search: {typesense_prefix: tutti-2}", "search.typesense_prefix must be 1 to 40 small letters, digits and _"),
        ("search: {synonyms: [alone]}", "search.synonyms needs 2 to"),
        ("server: {mode: production}", "server.secret must be set in production (TUTTI_SERVER_SECRET); 32 random"),
    ],
)
def test_a_wrong_key_or_value_is_refused_by_name(tmp_path, text, fault):
    [told] = faults(tmp_path, text)
    assert told.startswith(fault)


def test_all_faults_are_told_at_once(tmp_path):
    told = faults(tmp_path, "server: {prot: 1, port: -1}", TUTTI_SERVER_PROT="1")
    assert told == [
        "FILE: unknown setting server.prot; did you mean server.port?",
        "unknown variable TUTTI_SERVER_PROT; did you mean TUTTI_SERVER_PORT?",
        "FILE: server.port must be from 0 to 65535, not -1",
    ]


def test_a_wrong_secret_is_not_repeated(tmp_path):
    [told] = faults(tmp_path, "storage: {mongodb: {uri: [hunter2]}}")
    assert told == "FILE: storage.mongodb.uri must be text, not what is set"
    settings = load_settings(None, {"TUTTI_SERVER_SECRET": SECRET})
    assert SECRET not in repr(settings)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(BadConfiguration, match=r"nowhere\.yaml: cannot be read: No such file or directory"):
        load_settings(tmp_path / "nowhere.yaml", {})


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("TUTTI_REALTIME_REDIS_URL", "foo", "realtime.redis_url must be a URL such as redis://host, not what is set"),
        (
            "TUTTI_SEARCH_TYPESENSE_URL",
            "http://host:abc",
            "search.typesense_url must be a URL such as http://host, not 'http://host:abc'",
        ),
        (
            "TUTTI_STORAGE_MONGODB_URI",
            "mongodb://a:b:c",
            "storage.mongodb.uri must be a URL such as mongodb://host, not what is set",
        ),
    ],
)
def test_an_address_that_no_client_can_read_is_refused(tmp_path, variable, value, told):
    assert faults(tmp_path, **{variable: value}) == [f"{variable}: {told}"]


@pytest.mark.parametrize(
    "uri", ["mongodb://a:1,b:2/x?replicaSet=r", "mongodb://u:p%40@[::1]:27017", "mongodb+srv://x.y/z"]
)
def test_every_form_of_a_mongodb_address_is_taken(tmp_path, uri):
    assert load_settings(None, {"TUTTI_STORAGE_MONGODB_URI": uri}).storage.mongodb.uri == uri
