"""All tables of the first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001_first"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("person_id", name=op.f("uq_account_person_id")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "agenda_item",
        sa.Column("agenda_id", sa.String(), nullable=False),
        sa.Column("session_key", sa.String(), nullable=False),
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
        sa.UniqueConstraint("agenda_id", "version", name=op.f("uq_agenda_item_agenda_id_version")),
        sa.UniqueConstraint("session_key", "nomination_id", name=op.f("uq_agenda_item_session_key_nomination_id")),
    )
    op.create_table(
        "attendance",
        sa.Column("session_key", sa.String(), nullable=False),
        sa.Column("present", sa.JSON(), nullable=False),
        sa.Column("absent", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("session_key", "version", name=op.f("uq_attendance_session_key_version")),
    )
    op.create_table(
        "award_decision",
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("decision_key", sa.String(), nullable=False),
        sa.Column("official_number", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("round_key", sa.String(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signer_id", sa.String(), nullable=False),
        sa.Column("capacity", sa.String(length=40), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_award_decision")),
        sa.UniqueConstraint("decision_key", name=op.f("uq_award_decision_decision_key")),
    )
    with op.batch_alter_table("award_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_award_decision_signed_on"), ["signed_on"], unique=False)

    op.create_table(
        "award_round",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("guidance_id", sa.String(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("filing_deadline", sa.Date(), nullable=False),
        sa.Column("quotas", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_round")),
        sa.UniqueConstraint("round_id", "version", name=op.f("uq_award_round_round_id_version")),
    )
    with op.batch_alter_table("award_round", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_award_round_key"), ["key"], unique=False)

    op.create_table(
        "ballot_receipt",
        sa.Column("receipt_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("manner", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_receipt")),
        sa.UniqueConstraint("receipt_id", "version", name=op.f("uq_ballot_receipt_receipt_id_version")),
    )
    with op.batch_alter_table("ballot_receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ballot_receipt_line_id"), ["line_id"], unique=False)

    op.create_table(
        "business_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offset_seconds", sa.Double(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_clock")),
    )
    op.create_table(
        "campaign",
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("goal", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("participants", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("measures", sa.String(), nullable=False),
        sa.Column("launch_number", sa.String(), nullable=False),
        sa.Column("launched_on", sa.Date(), nullable=False),
        sa.Column("launched_by_ministry", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("continue_decision", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("campaign_id", "version", name=op.f("uq_campaign_campaign_id_version")),
    )
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_key"), ["key"], unique=False)

    op.create_table(
        "case_note",
        sa.Column("note_id", sa.String(), nullable=False),
        sa.Column("business_key", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("author_unit_id", sa.String(), nullable=False),
        sa.Column("on_behalf_of", sa.String(), nullable=False),
        sa.Column("audience", sa.String(length=40), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_note")),
        sa.UniqueConstraint("note_id", "version", name=op.f("uq_case_note_note_id_version")),
    )
    with op.batch_alter_table("case_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_note_business_key"), ["business_key"], unique=False)

    op.create_table(
        "change_proposal",
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("change_key", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_key", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("based_on", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposer_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_change_proposal")),
        sa.UniqueConstraint("change_key", name=op.f("uq_change_proposal_change_key")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_change_proposal_year_number")),
    )
    with op.batch_alter_table("change_proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_proposal_kind_subject_key"), ["kind", "subject_key"], unique=False)

    op.create_table(
        "change_review",
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewer_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_change_review")),
    )
    op.create_table(
        "change_withdrawal",
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_change_withdrawal")),
    )
    op.create_table(
        "comment_verification",
        sa.Column("verification_id", sa.String(), nullable=False),
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("comment_ids", sa.JSON(), nullable=False),
        sa.Column("finding", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_verification")),
        sa.UniqueConstraint("verification_id", "version", name=op.f("uq_comment_verification_verification_id_version")),
    )
    with op.batch_alter_table("comment_verification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_comment_verification_nomination_id"), ["nomination_id"], unique=False)

    op.create_table(
        "completeness_check",
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("content_version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_completeness_check")),
        sa.UniqueConstraint("nomination_id", "version", name=op.f("uq_completeness_check_nomination_id_version")),
    )
    op.create_table(
        "council",
        sa.Column("council_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("decision_number", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council")),
        sa.UniqueConstraint("council_id", "version", name=op.f("uq_council_council_id_version")),
    )
    with op.batch_alter_table("council", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_council_valid_from"), ["valid_from"], unique=False)

    op.create_table(
        "council_session",
        sa.Column("session_key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ballot_deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("chair_id", sa.String(), nullable=False),
        sa.Column("vice_chair_id", sa.String(), nullable=True),
        sa.Column("secretary_id", sa.String(), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("decision_number", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_session")),
        sa.UniqueConstraint("session_key", "version", name=op.f("uq_council_session_session_key_version")),
    )
    op.create_table(
        "criteria_group",
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criteria_group")),
        sa.UniqueConstraint("group_id", "version", name=op.f("uq_criteria_group_group_id_version")),
    )
    with op.batch_alter_table("criteria_group", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_criteria_group_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "decision_line",
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("business_key", sa.String(), nullable=False),
        sa.Column("nominee_kind", sa.String(length=40), nullable=False),
        sa.Column("nominee_id", sa.String(), nullable=False),
        sa.Column("gender", sa.String(), nullable=False),
        sa.Column("nominee", sa.String(), nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("achievement", sa.String(), nullable=False),
        sa.Column("achieved_from", sa.Date(), nullable=False),
        sa.Column("achieved_to", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_decision_line")),
        sa.UniqueConstraint("decision_id", "position", name=op.f("uq_decision_line_decision_id_position")),
        sa.UniqueConstraint("nomination_id", name=op.f("uq_decision_line_nomination_id")),
    )
    op.create_table(
        "decision_registration",
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("book", sa.String(), nullable=False),
        sa.Column("entry_number", sa.String(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("scan_document_id", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_registration")),
        sa.UniqueConstraint("decision_id", "version", name=op.f("uq_decision_registration_decision_id_version")),
    )
    op.create_table(
        "delegation",
        sa.Column("delegation_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("from_person_id", sa.String(), nullable=False),
        sa.Column("to_person_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
        sa.UniqueConstraint("delegation_id", "version", name=op.f("uq_delegation_delegation_id_version")),
    )
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delegation_to_person_id"), ["to_person_id"], unique=False)

    op.create_table(
        "diagram_file",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("process_key", sa.String(), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_diagram_file")),
    )
    op.create_table(
        "director_decision",
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("departs", sa.Boolean(), nullable=False),
        sa.Column("council_outcome", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_director_decision")),
        sa.UniqueConstraint("nomination_id", "version", name=op.f("uq_director_decision_nomination_id_version")),
    )
    op.create_table(
        "dossier_document",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_document")),
        sa.UniqueConstraint("document_id", "version", name=op.f("uq_dossier_document_document_id_version")),
    )
    with op.batch_alter_table("dossier_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dossier_document_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_document_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "eligibility_assessment",
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("looked_up_on", sa.Date(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_assessment")),
        sa.UniqueConstraint("nomination_id", "version", name=op.f("uq_eligibility_assessment_nomination_id_version")),
    )
    op.create_table(
        "fallback_grant",
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fallback_grant")),
        sa.UniqueConstraint("nomination_id", "version", name=op.f("uq_fallback_grant_nomination_id_version")),
    )
    op.create_table(
        "feedback_comment",
        sa.Column("comment_id", sa.String(), nullable=False),
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("serious", sa.Boolean(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_comment")),
        sa.UniqueConstraint("comment_id", "version", name=op.f("uq_feedback_comment_comment_id_version")),
    )
    with op.batch_alter_table("feedback_comment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_comment_nomination_id"), ["nomination_id"], unique=False)

    op.create_table(
        "feedback_summary",
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.Column("serious", sa.Integer(), nullable=False),
        sa.Column("unfounded", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_summary")),
        sa.UniqueConstraint("nomination_id", "version", name=op.f("uq_feedback_summary_nomination_id_version")),
    )
    op.create_table(
        "feedback_window",
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_window")),
        sa.UniqueConstraint("nomination_id", "version", name=op.f("uq_feedback_window_nomination_id_version")),
    )
    op.create_table(
        "granted_award",
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("nominee_kind", sa.String(length=40), nullable=False),
        sa.Column("nominee_id", sa.String(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("official_number", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("honoured_on", sa.Date(), nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("conferred_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_granted_award")),
        sa.UniqueConstraint("nomination_id", "version", name=op.f("uq_granted_award_nomination_id_version")),
    )
    with op.batch_alter_table("granted_award", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_granted_award_nominee_id"), ["nominee_id"], unique=False)

    op.create_table(
        "guidance_letter",
        sa.Column("guidance_id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guidance_letter")),
        sa.UniqueConstraint("guidance_id", "version", name=op.f("uq_guidance_letter_guidance_id_version")),
    )
    with op.batch_alter_table("guidance_letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guidance_letter_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "history_chain",
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_history_chain")),
    )
    op.create_table(
        "history_event",
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("business_key", sa.String(), nullable=False),
        sa.Column("process_key", sa.String(), nullable=False),
        sa.Column("element_id", sa.String(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("state_hash", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "sequence", name=op.f("pk_history_event")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("history_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_history_event_actor_id_at"), ["actor_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_history_event_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_history_event_business_key_at"), ["business_key", "at"], unique=False)

    op.create_table(
        "idempotency_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_record")),
        sa.UniqueConstraint("actor_id", "key", name=op.f("uq_idempotency_record_actor_id_key")),
    )
    op.create_table(
        "intake_note",
        sa.Column("note_id", sa.String(), nullable=False),
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_note")),
        sa.UniqueConstraint("note_id", "version", name=op.f("uq_intake_note_note_id_version")),
    )
    with op.batch_alter_table("intake_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intake_note_nomination_id"), ["nomination_id"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("business_key", sa.String(), nullable=False),
        sa.Column("process_key", sa.String(), nullable=False),
        sa.Column("element_id", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("actor_post", sa.String(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("error_class", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(
            "ix_job_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("status = 'pending'"),
            postgresql_where=sa.text("status = 'pending'"),
        )
        batch_op.create_index(
            "ix_job_failed",
            ["finished_at"],
            unique=False,
            sqlite_where=sa.text("status = 'failed'"),
            postgresql_where=sa.text("status = 'failed'"),
        )
        batch_op.create_index(batch_op.f("ix_job_instance_id"), ["instance_id"], unique=False)

    op.create_table(
        "late_filing",
        sa.Column("exception_id", sa.String(), nullable=False),
        sa.Column("round_key", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_filing")),
        sa.UniqueConstraint("exception_id", "version", name=op.f("uq_late_filing_exception_id_version")),
    )
    with op.batch_alter_table("late_filing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_late_filing_round_key"), ["round_key"], unique=False)

    op.create_table(
        "legal_basis",
        sa.Column("basis_id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_basis")),
        sa.UniqueConstraint("basis_id", "version", name=op.f("uq_legal_basis_basis_id_version")),
    )
    with op.batch_alter_table("legal_basis", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_legal_basis_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "letter_draft",
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("addressee", sa.String(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("enclosures", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_draft")),
        sa.UniqueConstraint("nomination_id", "version", name=op.f("uq_letter_draft_nomination_id_version")),
    )
    op.create_table(
        "line_outcome",
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("needed", sa.String(), nullable=False),
        sa.Column("quorum", sa.String(), nullable=False),
        sa.Column("looked_up_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_outcome")),
        sa.UniqueConstraint("line_id", "version", name=op.f("uq_line_outcome_line_id_version")),
    )
    op.create_table(
        "line_prize",
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("multiple", sa.String(), nullable=False),
        sa.Column("base_salary_vnd", sa.Integer(), nullable=False),
        sa.Column("rounding", sa.String(), nullable=False),
        sa.Column("amount_vnd", sa.Integer(), nullable=False),
        sa.Column("looked_up_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_prize")),
        sa.UniqueConstraint("nomination_id", "version", name=op.f("uq_line_prize_nomination_id_version")),
    )
    op.create_table(
        "line_result",
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("recused", sa.Integer(), nullable=False),
        sa.Column("cast_count", sa.Integer(), nullable=False),
        sa.Column("agree", sa.Integer(), nullable=False),
        sa.Column("disagree", sa.Integer(), nullable=False),
        sa.Column("abstain", sa.Integer(), nullable=False),
        sa.Column("box_digest", sa.String(), nullable=False),
        sa.Column("recused_people", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("agree + disagree + abstain = cast_count", name=op.f("ck_line_result_all_ballots_counted")),
        sa.CheckConstraint("recused + cast_count <= members", name=op.f("ck_line_result_no_more_than_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_result")),
        sa.UniqueConstraint("line_id", "version", name=op.f("uq_line_result_line_id_version")),
    )
    op.create_table(
        "login_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempt")),
    )
    with op.batch_alter_table("login_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_attempt_address_at"), ["address", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_login_attempt_username_at"), ["username", "at"], unique=False)

    op.create_table(
        "milestone",
        sa.Column("milestone_id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
        sa.UniqueConstraint("milestone_id", "version", name=op.f("uq_milestone_milestone_id_version")),
    )
    with op.batch_alter_table("milestone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_milestone_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "minister_answer",
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("official_number", sa.String(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minister_answer")),
        sa.UniqueConstraint("nomination_id", "version", name=op.f("uq_minister_answer_nomination_id_version")),
    )
    op.create_table(
        "minutes",
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("session_key", sa.String(), nullable=False),
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("chair_id", sa.String(), nullable=False),
        sa.Column("secretary_id", sa.String(), nullable=False),
        sa.Column("present", sa.JSON(), nullable=False),
        sa.Column("absent", sa.JSON(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("proposed_form", sa.String(length=40), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("recused", sa.Integer(), nullable=False),
        sa.Column("cast_count", sa.Integer(), nullable=False),
        sa.Column("agree", sa.Integer(), nullable=False),
        sa.Column("disagree", sa.Integer(), nullable=False),
        sa.Column("abstain", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("agree_percentage", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("discussion", sa.String(), nullable=False),
        sa.Column("exemplars", sa.JSON(), nullable=False),
        sa.Column("secretary_confirmed_by", sa.String(), nullable=False),
        sa.Column("secretary_confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chair_confirmed_by", sa.String(), nullable=True),
        sa.Column("chair_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chair_remark", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("began_at <= ended_at", name=op.f("ck_minutes_time_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes")),
        sa.UniqueConstraint("line_id", "version", name=op.f("uq_minutes_line_id_version")),
    )
    op.create_table(
        "no_quorum_decision",
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("resolution", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_no_quorum_decision")),
        sa.UniqueConstraint("line_id", "version", name=op.f("uq_no_quorum_decision_line_id_version")),
    )
    op.create_table(
        "nomination",
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("business_key", sa.String(), nullable=False),
        sa.Column("round_key", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("proposer_id", sa.String(), nullable=False),
        sa.Column("nominee_kind", sa.String(length=40), nullable=False),
        sa.Column("nominee_id", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nomination_id", name=op.f("pk_nomination")),
        sa.UniqueConstraint("business_key", name=op.f("uq_nomination_business_key")),
        sa.UniqueConstraint("round_key", "number", name=op.f("uq_nomination_round_key_number")),
    )
    with op.batch_alter_table("nomination", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nomination_nominee_id"), ["nominee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_nomination_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "nomination_content",
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("submission_id", sa.String(), nullable=True),
        sa.Column("proposed_form", sa.String(length=40), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("achievement", sa.String(), nullable=False),
        sa.Column("achieved_from", sa.Date(), nullable=True),
        sa.Column("achieved_to", sa.Date(), nullable=True),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("internal_unity", sa.Boolean(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("paper_kinds", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "achieved_to IS NULL OR achieved_from <= achieved_to", name=op.f("ck_nomination_content_period_in_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nomination_content")),
        sa.UniqueConstraint("nomination_id", "version", name=op.f("uq_nomination_content_nomination_id_version")),
    )
    op.create_table(
        "nominee_flag",
        sa.Column("flag_id", sa.String(), nullable=False),
        sa.Column("nominee_kind", sa.String(length=40), nullable=False),
        sa.Column("nominee_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nominee_flag")),
        sa.UniqueConstraint("flag_id", "version", name=op.f("uq_nominee_flag_flag_id_version")),
    )
    with op.batch_alter_table("nominee_flag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nominee_flag_nominee_id"), ["nominee_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("business_key", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_person_id_at"), ["person_id", "at"], unique=False)

    op.create_table(
        "official_number",
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("document_type", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_official_number")),
        sa.UniqueConstraint(
            "organisation_id",
            "document_type",
            "year",
            "number",
            name=op.f("uq_official_number_organisation_id_document_type_year_number"),
        ),
    )
    op.create_table(
        "open_ballot",
        sa.Column("ballot_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("choice", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_ballot")),
        sa.UniqueConstraint("ballot_id", "version", name=op.f("uq_open_ballot_ballot_id_version")),
    )
    with op.batch_alter_table("open_ballot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_open_ballot_line_id"), ["line_id"], unique=False)

    op.create_table(
        "person",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("family_name", sa.String(), nullable=False),
        sa.Column("middle_name", sa.String(), nullable=False),
        sa.Column("given_name", sa.String(), nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("sort_key", sa.String(), nullable=False),
        sa.Column("search_key", sa.String(), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("gender", sa.String(length=40), nullable=False),
        sa.Column("person_type", sa.String(length=40), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("person_id", "version", name=op.f("uq_person_person_id_version")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_search_key"), ["search_key"], unique=False)

    op.create_table(
        "post",
        sa.Column("post_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("leading", sa.Boolean(), nullable=False),
        sa.Column("managing", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("post_id", "version", name=op.f("uq_post_post_id_version")),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "post_holding",
        sa.Column("holding_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("post_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_holding")),
        sa.UniqueConstraint("holding_id", "version", name=op.f("uq_post_holding_holding_id_version")),
    )
    with op.batch_alter_table("post_holding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_holding_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_post_holding_post_id"), ["post_id"], unique=False)

    op.create_table(
        "printed_paper",
        sa.Column("paper_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("template_sha256", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printed_paper")),
        sa.UniqueConstraint("paper_key", "version", name=op.f("uq_printed_paper_paper_key_version")),
    )
    with op.batch_alter_table("printed_paper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_printed_paper_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "process_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("process_key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deployed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_version")),
        sa.UniqueConstraint("process_key", "version", name=op.f("uq_process_version_process_key_version")),
    )
    op.create_table(
        "recusal",
        sa.Column("recusal_id", sa.String(), nullable=False),
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusal")),
        sa.UniqueConstraint("recusal_id", "version", name=op.f("uq_recusal_recusal_id_version")),
    )
    with op.batch_alter_table("recusal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recusal_nomination_id"), ["nomination_id"], unique=False)

    op.create_table(
        "referral_hop",
        sa.Column("hop_id", sa.String(), nullable=False),
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("reached_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_hop")),
        sa.UniqueConstraint("hop_id", "version", name=op.f("uq_referral_hop_hop_id_version")),
    )
    with op.batch_alter_table("referral_hop", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referral_hop_nomination_id"), ["nomination_id"], unique=False)

    op.create_table(
        "referral_sending",
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("dispatch", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_sending")),
        sa.UniqueConstraint("nomination_id", "version", name=op.f("uq_referral_sending_nomination_id_version")),
    )
    op.create_table(
        "relation",
        sa.Column("relation_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("relative_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation")),
        sa.UniqueConstraint("relation_id", "version", name=op.f("uq_relation_relation_id_version")),
    )
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_relation_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_relation_relative_id"), ["relative_id"], unique=False)

    op.create_table(
        "role_grant",
        sa.Column("grant_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint("grant_id", "version", name=op.f("uq_role_grant_grant_id_version")),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grant_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_grant_role"), ["role"], unique=False)

    op.create_table(
        "rule_evaluation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("element_id", sa.String(), nullable=False),
        sa.Column("table_key", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("looked_up_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("outputs", sa.JSON(), nullable=False),
        sa.Column("matched", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_evaluation")),
    )
    with op.batch_alter_table("rule_evaluation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rule_evaluation_instance_id"), ["instance_id"], unique=False)

    op.create_table(
        "secret_ballot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("choice", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secret_ballot")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("secret_ballot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_secret_ballot_line_id"), ["line_id"], unique=False)

    op.create_table(
        "session_line",
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("session_key", sa.String(), nullable=False),
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("business_key", sa.String(), nullable=False),
        sa.Column("ballot_round", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("proposed_form", sa.String(length=40), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written_opinions", sa.Boolean(), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("recused", sa.JSON(), nullable=False),
        sa.Column("voters", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_line")),
        sa.UniqueConstraint("line_id", "version", name=op.f("uq_session_line_line_id_version")),
        sa.UniqueConstraint(
            "session_key",
            "nomination_id",
            "ballot_round",
            name=op.f("uq_session_line_session_key_nomination_id_ballot_round"),
        ),
    )
    with op.batch_alter_table("session_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_line_nomination_id"), ["nomination_id"], unique=False)

    op.create_table(
        "stated_reason",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stated_reason")),
    )
    with op.batch_alter_table("stated_reason", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stated_reason_about"), ["about"], unique=False)

    op.create_table(
        "submission",
        sa.Column("submission_id", sa.String(), nullable=False),
        sa.Column("round_key", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("proposer_id", sa.String(), nullable=False),
        sa.Column("letter_number", sa.String(), nullable=False),
        sa.Column("letter_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("submission_id", "version", name=op.f("uq_submission_submission_id_version")),
    )
    op.create_table(
        "submission_letter",
        sa.Column("letter_id", sa.String(), nullable=False),
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("official_number", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signer_id", sa.String(), nullable=False),
        sa.Column("capacity", sa.String(length=40), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_submission_letter")),
        sa.UniqueConstraint("nomination_id", name=op.f("uq_submission_letter_nomination_id")),
    )
    op.create_table(
        "summary_confirmation",
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("summary_version", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_confirmation")),
        sa.UniqueConstraint("nomination_id", "version", name=op.f("uq_summary_confirmation_nomination_id_version")),
    )
    op.create_table(
        "table_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("table_key", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deployed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_version")),
        sa.UniqueConstraint("table_key", "valid_from", name=op.f("uq_table_version_table_key_valid_from")),
    )
    op.create_table(
        "unit",
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("short_name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("legal_personality", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("unit_id", "version", name=op.f("uq_unit_unit_id_version")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_key"), ["key"], unique=False)

    op.create_table(
        "unsuccessful_notice",
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unsuccessful_notice")),
        sa.UniqueConstraint("nomination_id", "version", name=op.f("uq_unsuccessful_notice_nomination_id_version")),
    )
    op.create_table(
        "withdrawal",
        sa.Column("nomination_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal")),
        sa.UniqueConstraint("nomination_id", "version", name=op.f("uq_withdrawal_nomination_id_version")),
    )
    op.create_table(
        "worker_pulse",
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("duty", name=op.f("pk_worker_pulse")),
    )
    op.create_table(
        "process_instance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("process_version_id", sa.Uuid(), nullable=False),
        sa.Column("process_key", sa.String(), nullable=False),
        sa.Column("business_key", sa.String(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("variables", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_event", sa.String(), nullable=True),
        sa.Column("history_sequence", sa.Integer(), nullable=False),
        sa.Column("history_hash", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(status = 'running' OR status = 'incident' OR status = 'suspended') = (ended_at IS NULL)",
            name=op.f("ck_process_instance_ended_when_over"),
        ),
        sa.ForeignKeyConstraint(
            ["process_version_id"], ["process_version.id"], name=op.f("fk_process_instance_process_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_instance")),
        postgresql_with={"fillfactor": 80},
    )
    with op.batch_alter_table("process_instance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_process_instance_business_key"), ["business_key"], unique=False)
        batch_op.create_index(
            "ix_process_instance_running",
            ["id"],
            unique=False,
            sqlite_where=sa.text("status = 'running'"),
            postgresql_where=sa.text("status = 'running'"),
        )
        batch_op.create_index(
            "ix_process_instance_suspended",
            ["id"],
            unique=False,
            sqlite_where=sa.text("status = 'suspended'"),
            postgresql_where=sa.text("status = 'suspended'"),
        )
        batch_op.create_index(
            "uq_process_instance_key",
            ["process_key", "business_key"],
            unique=True,
            sqlite_where=sa.text("business_key <> ''"),
            postgresql_where=sa.text("business_key <> ''"),
        )

    op.create_table(
        "web_session",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_web_session_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_session")),
    )
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_web_session_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "due_timer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("element_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_due_timer_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_timer")),
        sa.UniqueConstraint("instance_id", "token", "kind", name=op.f("uq_due_timer_instance_id_token_kind")),
    )
    with op.batch_alter_table("due_timer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_due_timer_due_at_instance_id"), ["due_at", "instance_id"], unique=False)

    op.create_table(
        "message_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("element_id", sa.String(), nullable=False),
        sa.Column("process_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("business_key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_message_subscription_instance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_subscription")),
        sa.UniqueConstraint("instance_id", "token", name=op.f("uq_message_subscription_instance_id_token")),
    )
    with op.batch_alter_table("message_subscription", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_message_subscription_name_business_key"), ["name", "business_key"], unique=False
        )

    op.create_table(
        "repair_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("process_key", sa.String(), nullable=False),
        sa.Column("business_key", sa.String(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_repair_request_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair_request")),
        sa.UniqueConstraint("request_id", "version", name=op.f("uq_repair_request_request_id_version")),
    )
    with op.batch_alter_table("repair_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_repair_request_instance_id"), ["instance_id"], unique=False)

    op.create_table(
        "user_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("process_key", sa.String(), nullable=False),
        sa.Column("root_process_key", sa.String(), nullable=False),
        sa.Column("business_key", sa.String(), nullable=False),
        sa.Column("element_id", sa.String(), nullable=False),
        sa.Column("step_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=True),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("search", sa.String(), nullable=False),
        sa.Column("variables", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_order", sa.DateTime(timezone=True), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sa.String(), nullable=True),
        sa.Column("completed_for", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(status = 'completed') = (completed_by IS NOT NULL)", name=op.f("ck_user_task_completed_by_someone")
        ),
        sa.CheckConstraint("priority BETWEEN 1 AND 3", name=op.f("ck_user_task_priority_known")),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_user_task_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_task")),
        sa.UniqueConstraint("instance_id", "token", name=op.f("uq_user_task_instance_id_token")),
    )
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.create_index("ix_user_task_done", ["completed_by", "completed_at", "id"], unique=False)
        batch_op.create_index(
            "ix_user_task_due",
            ["queue", "due_order", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'open' AND queue IS NOT NULL"),
            postgresql_where=sa.text("status = 'open' AND queue IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_user_task_group",
            ["queue", "created_at", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )
        batch_op.create_index("ix_user_task_instance", ["instance_id", "status"], unique=False)
        batch_op.create_index(
            "ix_user_task_mine",
            ["assignee", "created_at", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )
        batch_op.create_index(
            "ix_user_task_out",
            ["owner", "created_at", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'open' AND owner IS NOT NULL"),
            postgresql_where=sa.text("status = 'open' AND owner IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_user_task_priority",
            ["queue", "priority", "created_at", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'open' AND queue IS NOT NULL"),
            postgresql_where=sa.text("status = 'open' AND queue IS NOT NULL"),
        )

    op.create_table(
        "draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_draft_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("task_id", "person_id", name=op.f("uq_draft_task_id_person_id")),
    )


def downgrade():
    op.drop_table("draft")
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_user_task_priority",
            sqlite_where=sa.text("status = 'open' AND queue IS NOT NULL"),
            postgresql_where=sa.text("status = 'open' AND queue IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_user_task_out",
            sqlite_where=sa.text("status = 'open' AND owner IS NOT NULL"),
            postgresql_where=sa.text("status = 'open' AND owner IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_user_task_mine", sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'")
        )
        batch_op.drop_index("ix_user_task_instance")
        batch_op.drop_index(
            "ix_user_task_group", sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'")
        )
        batch_op.drop_index(
            "ix_user_task_due",
            sqlite_where=sa.text("status = 'open' AND queue IS NOT NULL"),
            postgresql_where=sa.text("status = 'open' AND queue IS NOT NULL"),
        )
        batch_op.drop_index("ix_user_task_done")

    op.drop_table("user_task")
    with op.batch_alter_table("repair_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_repair_request_instance_id"))

    op.drop_table("repair_request")
    with op.batch_alter_table("message_subscription", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_subscription_name_business_key"))

    op.drop_table("message_subscription")
    with op.batch_alter_table("due_timer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_due_timer_due_at_instance_id"))

    op.drop_table("due_timer")
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_web_session_expires_at"))

    op.drop_table("web_session")
    with op.batch_alter_table("process_instance", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_process_instance_key",
            sqlite_where=sa.text("business_key <> ''"),
            postgresql_where=sa.text("business_key <> ''"),
        )
        batch_op.drop_index(
            "ix_process_instance_suspended",
            sqlite_where=sa.text("status = 'suspended'"),
            postgresql_where=sa.text("status = 'suspended'"),
        )
        batch_op.drop_index(
            "ix_process_instance_running",
            sqlite_where=sa.text("status = 'running'"),
            postgresql_where=sa.text("status = 'running'"),
        )
        batch_op.drop_index(batch_op.f("ix_process_instance_business_key"))

    op.drop_table("process_instance")
    op.drop_table("worker_pulse")
    op.drop_table("withdrawal")
    op.drop_table("unsuccessful_notice")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_key"))

    op.drop_table("unit")
    op.drop_table("table_version")
    op.drop_table("summary_confirmation")
    op.drop_table("submission_letter")
    op.drop_table("submission")
    with op.batch_alter_table("stated_reason", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stated_reason_about"))

    op.drop_table("stated_reason")
    with op.batch_alter_table("session_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_line_nomination_id"))

    op.drop_table("session_line")
    with op.batch_alter_table("secret_ballot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_secret_ballot_line_id"))

    op.drop_table("secret_ballot")
    with op.batch_alter_table("rule_evaluation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rule_evaluation_instance_id"))

    op.drop_table("rule_evaluation")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_grant_role"))
        batch_op.drop_index(batch_op.f("ix_role_grant_person_id"))

    op.drop_table("role_grant")
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_relation_relative_id"))
        batch_op.drop_index(batch_op.f("ix_relation_person_id"))

    op.drop_table("relation")
    op.drop_table("referral_sending")
    with op.batch_alter_table("referral_hop", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referral_hop_nomination_id"))

    op.drop_table("referral_hop")
    with op.batch_alter_table("recusal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recusal_nomination_id"))

    op.drop_table("recusal")
    op.drop_table("process_version")
    with op.batch_alter_table("printed_paper", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printed_paper_subject_id"))

    op.drop_table("printed_paper")
    with op.batch_alter_table("post_holding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_holding_post_id"))
        batch_op.drop_index(batch_op.f("ix_post_holding_person_id"))

    op.drop_table("post_holding")
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_unit_id"))

    op.drop_table("post")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_search_key"))

    op.drop_table("person")
    with op.batch_alter_table("open_ballot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_open_ballot_line_id"))

    op.drop_table("open_ballot")
    op.drop_table("official_number")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_person_id_at"))

    op.drop_table("notice")
    with op.batch_alter_table("nominee_flag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_nominee_flag_nominee_id"))

    op.drop_table("nominee_flag")
    op.drop_table("nomination_content")
    with op.batch_alter_table("nomination", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_nomination_unit_id"))
        batch_op.drop_index(batch_op.f("ix_nomination_nominee_id"))

    op.drop_table("nomination")
    op.drop_table("no_quorum_decision")
    op.drop_table("minutes")
    op.drop_table("minister_answer")
    with op.batch_alter_table("milestone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_milestone_campaign_id"))

    op.drop_table("milestone")
    with op.batch_alter_table("login_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_attempt_username_at"))
        batch_op.drop_index(batch_op.f("ix_login_attempt_address_at"))

    op.drop_table("login_attempt")
    op.drop_table("line_result")
    op.drop_table("line_prize")
    op.drop_table("line_outcome")
    op.drop_table("letter_draft")
    with op.batch_alter_table("legal_basis", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_legal_basis_campaign_id"))

    op.drop_table("legal_basis")
    with op.batch_alter_table("late_filing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_late_filing_round_key"))

    op.drop_table("late_filing")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_instance_id"))
        batch_op.drop_index(
            "ix_job_failed", sqlite_where=sa.text("status = 'failed'"), postgresql_where=sa.text("status = 'failed'")
        )
        batch_op.drop_index(
            "ix_job_due", sqlite_where=sa.text("status = 'pending'"), postgresql_where=sa.text("status = 'pending'")
        )

    op.drop_table("job")
    with op.batch_alter_table("intake_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_intake_note_nomination_id"))

    op.drop_table("intake_note")
    op.drop_table("idempotency_record")
    with op.batch_alter_table("history_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_history_event_business_key_at"))
        batch_op.drop_index(batch_op.f("ix_history_event_at"))
        batch_op.drop_index(batch_op.f("ix_history_event_actor_id_at"))

    op.drop_table("history_event")
    op.drop_table("history_chain")
    with op.batch_alter_table("guidance_letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guidance_letter_campaign_id"))

    op.drop_table("guidance_letter")
    with op.batch_alter_table("granted_award", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_granted_award_nominee_id"))

    op.drop_table("granted_award")
    op.drop_table("feedback_window")
    op.drop_table("feedback_summary")
    with op.batch_alter_table("feedback_comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_comment_nomination_id"))

    op.drop_table("feedback_comment")
    op.drop_table("fallback_grant")
    op.drop_table("eligibility_assessment")
    with op.batch_alter_table("dossier_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dossier_document_subject_id"))
        batch_op.drop_index(batch_op.f("ix_dossier_document_sha256"))

    op.drop_table("dossier_document")
    op.drop_table("director_decision")
    op.drop_table("diagram_file")
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delegation_to_person_id"))

    op.drop_table("delegation")
    op.drop_table("decision_registration")
    op.drop_table("decision_line")
    with op.batch_alter_table("criteria_group", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_criteria_group_campaign_id"))

    op.drop_table("criteria_group")
    op.drop_table("council_session")
    with op.batch_alter_table("council", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_council_valid_from"))

    op.drop_table("council")
    op.drop_table("completeness_check")
    with op.batch_alter_table("comment_verification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comment_verification_nomination_id"))

    op.drop_table("comment_verification")
    op.drop_table("change_withdrawal")
    op.drop_table("change_review")
    with op.batch_alter_table("change_proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_change_proposal_kind_subject_key"))

    op.drop_table("change_proposal")
    with op.batch_alter_table("case_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_note_business_key"))

    op.drop_table("case_note")
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_key"))

    op.drop_table("campaign")
    op.drop_table("business_clock")
    with op.batch_alter_table("ballot_receipt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ballot_receipt_line_id"))

    op.drop_table("ballot_receipt")
    with op.batch_alter_table("award_round", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_award_round_key"))

    op.drop_table("award_round")
    with op.batch_alter_table("award_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_award_decision_signed_on"))

    op.drop_table("award_decision")
    op.drop_table("attendance")
    op.drop_table("agenda_item")
    op.drop_table("account")
