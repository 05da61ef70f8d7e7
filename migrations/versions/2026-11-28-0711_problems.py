"""Problems that reports gather into, the answers to them, and the changes tried."""

import sqlalchemy as sa
from alembic import op

revision: str = "problems"
down_revision: str | None = "posters"
branch_labels: str | None = None
depends_on: str | None = None

ID, WORD = sa.String(length=36), sa.String(length=64)
SAID = "said IN ('acknowledged', 'decided', 'done', 'declined', 'merged', 'taken_apart', 'split')"


def upgrade() -> None:
    op.create_table(
        "problems",
        sa.Column("id", ID, nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("stealer", WORD, nullable=False),
        sa.Column("trigger", WORD, nullable=False),
        sa.Column("place", WORD, nullable=False),
        sa.Column("merged_into", ID, nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_problems_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["merged_into"], ["problems.id"], name=op.f("fk_problems_merged_into_problems")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problems")),
        sa.UniqueConstraint(
            "clinic_id", "stealer", "trigger", "place", name=op.f("uq_problems_clinic_id_stealer_trigger_place")
        ),
    )
    op.create_table(
        "answers",
        sa.Column("id", ID, nullable=False),
        sa.Column("problem_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("other_id", ID, nullable=True),
        sa.CheckConstraint(SAID, name=op.f("ck_answers_said")),
        sa.ForeignKeyConstraint(["problem_id"], ["problems.id"], name=op.f("fk_answers_problem_id_problems")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_answers_person_id_people")),
        sa.ForeignKeyConstraint(["other_id"], ["problems.id"], name=op.f("fk_answers_other_id_problems")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    op.create_index("ix_answers_problem_id", "answers", ["problem_id"])
    op.create_table(
        "changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("problem_id", ID, nullable=True),
        sa.Column("answer_id", ID, nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=140), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_changes_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["problem_id"], ["problems.id"], name=op.f("fk_changes_problem_id_problems")),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name=op.f("fk_changes_answer_id_answers")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_changes_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.create_index("ix_changes_clinic_id_day", "changes", ["clinic_id", "day"])


def downgrade() -> None:
    op.drop_table("changes")
    op.drop_table("answers")
    op.drop_table("problems")
