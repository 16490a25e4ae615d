/// Who has seen a pending secret: the sign-in that it was made in, and where another one saw it.
let schema2 = """
    ALTER TABLE pending_enrolment ADD COLUMN attempt_id TEXT;
    ALTER TABLE pending_enrolment ADD COLUMN address TEXT NOT NULL DEFAULT '';
    ALTER TABLE pending_enrolment ADD COLUMN other_address TEXT;
    """
