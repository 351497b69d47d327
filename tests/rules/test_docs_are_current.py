"""The documents say what the code says: the generated ones by rendering them again, the written ones by their names.

No test here opens a database; the documents must be writable on a machine that has none.
"""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation

from finance import policy as finance_policy
from finance.postings import POSTINGS
from gaf.documents.addresses import SIGNED_IN, addresses
from gaf.documents.environment import OF_THE_COMMANDS, known
from gaf.documents.library import DOCUMENTS, render_all, shelf, stale
from gaf.documents.machines import MACHINES, state_field, states
from gaf.documents.money import posted_by
from gaf.documents.news import promised_by
from gaf.documents.permissions import allowed
from gaf.documents.source import modules
from gaf.outbox.outbox import topics
from gaf.policy import Permit
from workflow import policy as workflow_policy

HERE = Path(__file__).resolve().parent.parent.parent
WRITTEN = ["README.md", "CHANGELOG.md", *(str(p.relative_to(HERE)) for p in sorted((HERE / "docs").rglob("*.md")))]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
NAME_IN_FILE = re.compile(r"`(\w+)`\s+in\s+\[([^\]]+)\]\(([^)]+)\)")


def rendered(name: str) -> str:
    return DOCUMENTS[name]()


class TestTheGeneratedDocuments:
    def test_are_what_the_code_says(self) -> None:
        assert stale(shelf()) == [], "run: python3 manage.py render_docs"

    def test_are_the_same_in_every_language(self) -> None:
        with translation.override("fr"):
            in_french = render_all()

        assert in_french == render_all()

    def test_pass_the_check_when_they_were_just_written(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        call_command("render_docs", folder=tmp_path)
        call_command("render_docs", folder=tmp_path, check=True)

        assert capsys.readouterr().out.splitlines()[-1] == "the generated documents are fresh"

    @pytest.mark.parametrize("spoil", ["changed", "missing", "surplus"])
    def test_are_named_by_the_check_when_one_is_stale(
        self, spoil: str, tmp_path: Path, capsys: pytest.CaptureFixture
    ) -> None:
        shutil.copytree(shelf(), tmp_path, dirs_exist_ok=True)
        name = {"changed": "postings.md", "missing": "settings.md", "surplus": "old.md"}[spoil]
        if spoil == "missing":
            (tmp_path / name).unlink()
        else:
            (tmp_path / name).write_text("something else")

        with pytest.raises(SystemExit) as left:
            call_command("render_docs", folder=tmp_path, check=True)

        assert left.value.code == 1
        assert f"/{name} is not what the code says" in capsys.readouterr().err

    def test_are_mended_by_writing_them_again(self, tmp_path: Path) -> None:
        (tmp_path / "old.md").write_text("no longer wanted")
        call_command("render_docs", folder=tmp_path)

        assert {path.name for path in tmp_path.iterdir()} == set(DOCUMENTS)


class TestTheStateMachines:
    @pytest.mark.parametrize(
        "line",
        [
            "    [*] --> DRAFT : write",
            "    SUBMITTED --> ELIGIBILITY_REVIEW : endorse (head of unit)",
            "    BUDGET_REVIEW --> APPROVED : approve_budget (budget approver, fund manager)",
            "    SEVERAL --> ON_HOLD : hold (fund manager)",
            "    SIGNED_ONCE --> SIGNED : sign_second (certifying officer, fund manager)",
            "    SENDING --> UNKNOWN : mark_unknown (the system)",
        ],
    )
    def test_draw_each_move_with_its_act_and_roles(self, line: str) -> None:
        assert line in rendered("state-machines.md").splitlines()

    @pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.words)
    def test_draw_every_state(self, machine) -> None:
        chapter = rendered("state-machines.md").split(f"## {machine.title}\n")[1].split("```")[1]

        assert {state for state in states(machine) if not re.search(rf"\b{state}\b", chapter)} == set()

    def test_tell_every_declared_transition(self) -> None:
        told = rendered("state-machines.md")
        declared = {
            edge.name for machine in MACHINES for edge in state_field(machine).get_all_transitions(machine.model)
        }

        assert {act for act in declared if f"| `{act}` |" not in told} == set()


class TestThePermissionMatrix:
    @pytest.mark.parametrize("policy", [workflow_policy, finance_policy], ids=["workflow", "finance"])
    def test_every_permit_stands_in_the_matrix(self, policy) -> None:
        shown = {id(row.permit) for row in allowed()}
        permits = {name: value for name, value in vars(policy).items() if isinstance(value, Permit)}

        assert [name for name, permit in permits.items() if id(permit) not in shown] == []

    def test_marks_the_roles_of_an_act_and_no_other(self) -> None:
        row = next(line for line in rendered("permission-matrix.md").splitlines() if line.startswith("| `endorse` |"))

        assert [cell.strip() for cell in row.strip("|").split("|")][2:6] == ["", "◐", "", ""]
        assert row.count("◐") == 1
        assert "●" not in row

    def test_names_rules_and_excluded_acts(self) -> None:
        text = rendered("permission-matrix.md")
        row = next(line for line in text.splitlines() if line.startswith("| `approve_budget` | Approve the budget |"))

        assert "DOA-01: whoever approves money needs a delegation in force that covers the amount." in row
        assert "SOD-05: `release`, `release_disbursement`" in row
        approving = "`approve_budget`, `approve_deferred_line`, `approve_amendment`"
        assert f"| SOD-03 | `confirm_eligibility`, `review_amendment` | {approving} | USD 5,000.00 |" in text


class TestThePostingTable:
    def test_has_a_row_for_every_journal_the_code_posts_and_no_other(self) -> None:
        assert {posting.kind for posting in POSTINGS} == set(posted_by())


class TestTheTopics:
    def test_are_all_received_by_somebody_and_promised_by_somebody(self) -> None:
        assert set(promised_by()) == set(topics())


class TestTheSettings:
    def test_tell_every_name_that_is_read_from_the_environment(self) -> None:
        told = {one.name for one in (*known(), *OF_THE_COMMANDS)}
        read = {name for _file, tree in modules() for name in _names_read(tree)} - {"GAF_TEST_FILES", "GAF_TEST_TALLY"}

        assert "GAF_NO_BOOTSTRAP" in read
        assert read - told == set()

    def test_name_those_of_postgresql_though_the_suite_may_stand_on_sqlite(self) -> None:
        assert "| `GAF_DATABASE_PASSWORD` | – | PostgreSQL password. |" in rendered("settings.md")

    def test_tell_no_path_of_this_machine(self) -> None:
        assert str(HERE) not in rendered("settings.md")


def _names_read(tree: ast.Module) -> set[str]:
    """Names given to `os.environ.get`, `os.environ[…]`, `… in os.environ` and `setting(…)`."""
    source = ast.unparse(tree)
    patterns = [
        r"environ\.(?:get|setdefault)\('(\w+)'",
        r"environ\['(\w+)'\]",
        r"'(\w+)' (?:not )?in os\.environ",
        r"\bsetting\('(\w+)'",
    ]
    return {name for pattern in patterns for name in re.findall(pattern, source)}


class TestTheAddresses:
    def test_each_say_for_whom_they_are(self) -> None:
        assert [one.route for one in addresses() if SIGNED_IN in one.audience] == []


class TestTheWrittenDocuments:
    @pytest.mark.parametrize("document", WRITTEN)
    def test_link_only_to_what_exists(self, document: str) -> None:
        text = (HERE / document).read_text(encoding="utf-8")
        local = [target for target in LINK.findall(text) if "://" not in target]

        assert [target for target in local if not ((HERE / document).parent / target).exists()] == []

    @pytest.mark.parametrize("document", WRITTEN)
    def test_name_only_what_stands_in_the_file_they_link(self, document: str) -> None:
        text = (HERE / document).read_text(encoding="utf-8")
        found = [(name, (HERE / document).parent / target) for name, _label, target in NAME_IN_FILE.findall(text)]

        assert [f"{name} in {path.name}" for name, path in found if name not in _defined_in(path)] == []

    @pytest.mark.parametrize("document", WRITTEN)
    def test_label_a_link_to_code_with_its_path(self, document: str) -> None:
        text = (HERE / document).read_text(encoding="utf-8")
        wrong = [
            label
            for _name, label, target in NAME_IN_FILE.findall(text)
            if ((HERE / document).parent / target).resolve() != (HERE / label).resolve()
        ]

        assert wrong == []

    def test_take_the_tour_through_at_least_forty_names(self) -> None:
        assert len(NAME_IN_FILE.findall((HERE / "docs" / "tour.md").read_text(encoding="utf-8"))) >= 40

    def test_number_decisions_without_a_gap_and_give_each_the_same_parts(self) -> None:
        files = sorted((HERE / "docs" / "adr").glob("*.md"))

        assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
        for path in files:
            headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert headings == ["Context", "Decision", "Consequences"], path.name


def _defined_in(path: Path) -> set[str]:
    """Functions, classes and names a file gives a value to."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


class TestTheFirstScreenOfTheReadme:
    def test_shows_exactly_two_commands(self) -> None:
        text = (HERE / "README.md").read_text(encoding="utf-8")
        first_screen = text[: text.index("\n## ")]

        assert re.findall(r"^python3? .*$", first_screen, flags=re.MULTILINE) == [
            "python3 manage.py demo",
            "python3 manage.py test",
        ]
