"""The stand-in's objects have the shape of Stripe's own schema, so that it cannot drift to what our code would like."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from finance.stand_ins.stripe_forms import decode

SCHEMAS = Path(__file__).resolve().parents[4] / "shared" / "data" / "stripe" / "spec_v1_payouts_2023-08-16_flat.json"


@pytest.fixture(scope="module")
def spec():
    if not SCHEMAS.exists():
        pytest.skip("Stripe's schema is not on this machine")
    return json.loads(SCHEMAS.read_text("utf-8"))


@pytest.fixture
def life(rail, stand_in, instruction, instruct_for, noon):
    """Payments that ended in every way there is, in the stand-in's books; and the requests that made them."""
    stand_in.faults.clear()
    for place, ending in enumerate(("0000", "0006", "0007", "0008", "0009")):
        payee = stand_in.connect_account(f"CH93007620116238{ending}", currency="usd")
        made = instruct_for(payee, "10.00", number=f"P-2026-{place:05d}", key=f"{place:032x}")
        rail.create(made, first_called_at=None, now=noon)
        if ending == "0006":
            rail.cancel(made, rail.find(made).provider_ref)
    stand_in.advance(6 * 86400)
    return stand_in


class TestTheStandIn:
    @pytest.mark.parametrize(
        ("kind", "schema", "at_least"),
        [
            ("transfer", "transfer", 5),
            ("payout", "payout", 4),
            ("reversal", "transfer_reversal", 1),
            ("topup", "topup", 1),
            ("movement", "balance_transaction", 15),
            ("event", "event", 20),
            ("account", "account", 6),
        ],
    )
    def test_answers_in_the_shape_of_stripes_schema(self, life, spec, kind, schema, at_least):
        rows = list(life._book.things[kind].values())

        errors = [
            error.message for row in rows for error in _validator(spec, schema).iter_errors(_said(spec, schema, row))
        ]

        assert errors == []
        assert len(rows) >= at_least

    def test_shows_balances_in_the_shape_of_stripes_schema(self, life, spec, rail):
        shown = rail.client.v1.balance.retrieve().to_dict(for_json=True)

        assert list(_validator(spec, "balance").iter_errors(shown)) == []

    def test_was_asked_only_what_stripes_schema_allows(self, life, spec):
        """Every request of the rail, held against Stripe's list of parameters rather than the stand-in's own."""
        paths = {"/v1/transfers", "/v1/payouts"}
        checked = 0
        for seen in life.seen:
            template = seen.path if seen.path in paths else _template(seen.path)
            if seen.method == "POST":
                body = spec["paths"][template]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
                errors = list(_validator(spec, body["schema"]).iter_errors(_typed(decode(seen.form), body["schema"])))
                assert errors == [], seen
            else:
                allowed = {parameter["name"] for parameter in spec["paths"][template]["get"]["parameters"]}
                assert {name.split("[")[0] for name, _ in parse_qsl(seen.form)} <= allowed
            checked += 1
        assert checked >= 12


def _validator(spec, schema):
    """A validator of one of Stripe's schemas, with the whole of them to refer to."""
    about = {"$ref": f"urn:stripe#/components/schemas/{schema}"} if isinstance(schema, str) else schema
    known = Registry().with_resource("urn:stripe", Resource(contents=spec, specification=DRAFT4))
    return OAS30Validator(about, registry=known)


def _said(spec, schema, row):
    """What a row says: the validator misses that Stripe's schema lets a choice between shapes be empty."""
    properties = spec["components"]["schemas"][schema]["properties"]
    return {
        name: value for name, value in row.items() if value is not None or not properties.get(name, {}).get("nullable")
    }


def _template(path):
    parts = path.split("/")
    if parts[2] == "transfers":
        return "/v1/transfers/{id}/reversals" if parts[-1] == "reversals" else "/v1/transfers/{transfer}"
    return "/v1/payouts/{payout}/cancel" if parts[-1] == "cancel" else "/v1/payouts/{payout}"


def _typed(values, schema):
    return {
        name: int(value) if schema["properties"].get(name, {}).get("type") == "integer" else value
        for name, value in values.items()
    }
