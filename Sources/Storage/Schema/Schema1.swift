/// The first schema. Names are singular and lower case; times are seconds since 1970; flags are 0 or 1; every tenant's
/// row carries its account.
let schema1 = """
    CREATE TABLE seal_check (
        key_id TEXT PRIMARY KEY,
        sealed {blob} NOT NULL
    );

    CREATE TABLE account (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
        email TEXT NOT NULL DEFAULT '',
        time_zone TEXT NOT NULL DEFAULT 'UTC',
        require_two_factor {int} NOT NULL DEFAULT 0 CHECK (require_two_factor IN (0, 1)),
        agent_sign_in {int} NOT NULL DEFAULT 1 CHECK (agent_sign_in IN (0, 1)),
        idle_minutes {int} NOT NULL DEFAULT 60 CHECK (idle_minutes BETWEEN 5 AND 1440),
        lifetime_hours {int} NOT NULL DEFAULT 12 CHECK (lifetime_hours BETWEEN 1 AND 720),
        password_expire_days {int} NOT NULL DEFAULT 0 CHECK (password_expire_days IN (0, 30, 60, 90)),
        password_unique {int} NOT NULL DEFAULT 0 CHECK (password_unique BETWEEN 0 AND 24),
        password_minimum_length {int} NOT NULL DEFAULT 12 CHECK (password_minimum_length BETWEEN 8 AND 64),
        password_composition {int} NOT NULL DEFAULT 0 CHECK (password_composition IN (0, 1)),
        portal_restricted {int} NOT NULL DEFAULT 0 CHECK (portal_restricted IN (0, 1)),
        agent_restricted {int} NOT NULL DEFAULT 0 CHECK (agent_restricted IN (0, 1)),
        created_at {int} NOT NULL
    );

    CREATE TABLE account_address (
        account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        range_text TEXT NOT NULL,
        PRIMARY KEY (account_id, range_text)
    );

    CREATE TABLE person (
        id TEXT PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        login TEXT NOT NULL,
        login_key TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL DEFAULT '',
        email TEXT NOT NULL DEFAULT '',
        account_admin {int} NOT NULL DEFAULT 0 CHECK (account_admin IN (0, 1)),
        enabled {int} NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
        password_hash TEXT,
        password_changed_at {int},
        must_change {int} NOT NULL DEFAULT 0 CHECK (must_change IN (0, 1)),
        last_sign_in_at {int},
        created_at {int} NOT NULL,
        UNIQUE (account_id, id)
    );

    CREATE INDEX person_by_account ON person (account_id, login_key);

    CREATE TABLE role (
        id TEXT PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        description TEXT NOT NULL DEFAULT '',
        accounts TEXT NOT NULL CHECK (accounts IN ('hidden', 'view', 'manage')),
        devices TEXT NOT NULL CHECK (devices IN ('hidden', 'view', 'manage')),
        applications TEXT NOT NULL CHECK (applications IN ('hidden', 'view', 'manage')),
        setup TEXT NOT NULL CHECK (setup IN ('hidden', 'view', 'manage')),
        agent {int} NOT NULL CHECK (agent IN (0, 1)),
        UNIQUE (account_id, name),
        UNIQUE (account_id, id)
    );

    CREATE TABLE person_role (
        account_id TEXT NOT NULL,
        person_id TEXT NOT NULL,
        role_id TEXT NOT NULL,
        PRIMARY KEY (person_id, role_id),
        FOREIGN KEY (account_id, person_id) REFERENCES person (account_id, id) ON DELETE CASCADE,
        FOREIGN KEY (account_id, role_id) REFERENCES role (account_id, id) ON DELETE CASCADE
    );

    CREATE INDEX person_role_by_role ON person_role (role_id);

    CREATE TABLE authenticator (
        id TEXT PRIMARY KEY,
        account_id TEXT NOT NULL,
        person_id TEXT NOT NULL,
        name TEXT NOT NULL,
        secret {blob} NOT NULL,
        last_step {int} NOT NULL,
        drift_steps {int} NOT NULL DEFAULT 0 CHECK (drift_steps BETWEEN -4 AND 4),
        created_at {int} NOT NULL,
        last_used_at {int},
        FOREIGN KEY (account_id, person_id) REFERENCES person (account_id, id) ON DELETE CASCADE
    );

    CREATE INDEX authenticator_by_person ON authenticator (person_id);
    CREATE INDEX authenticator_by_account ON authenticator (account_id);

    CREATE TABLE pending_enrolment (
        person_id TEXT PRIMARY KEY,
        account_id TEXT NOT NULL,
        id TEXT NOT NULL,
        session_id TEXT,
        secret {blob} NOT NULL,
        wrong_pairs {int} NOT NULL DEFAULT 0,
        replaces_others {int} NOT NULL DEFAULT 0 CHECK (replaces_others IN (0, 1)),
        expires_at {int} NOT NULL,
        FOREIGN KEY (account_id, person_id) REFERENCES person (account_id, id) ON DELETE CASCADE
    );

    CREATE TABLE recovery_code (
        person_id TEXT NOT NULL,
        digest {blob} NOT NULL,
        account_id TEXT NOT NULL,
        place {int} NOT NULL,
        sealed {blob},
        used_at {int},
        PRIMARY KEY (person_id, digest),
        FOREIGN KEY (account_id, person_id) REFERENCES person (account_id, id) ON DELETE CASCADE
    );

    CREATE TABLE sign_in_attempt (
        id TEXT PRIMARY KEY,
        digest {blob} NOT NULL UNIQUE,
        account_id TEXT NOT NULL,
        person_id TEXT NOT NULL,
        stage TEXT NOT NULL CHECK (stage IN ('token', 'new_password', 'enrolment', 'enrolment_password')),
        methods TEXT NOT NULL,
        wrong_tokens {int} NOT NULL DEFAULT 0,
        return_to TEXT NOT NULL DEFAULT '',
        place {int} NOT NULL,
        expires_at {int} NOT NULL,
        version {int} NOT NULL DEFAULT 0,
        FOREIGN KEY (account_id, person_id) REFERENCES person (account_id, id) ON DELETE CASCADE
    );

    CREATE INDEX sign_in_attempt_by_person ON sign_in_attempt (person_id, place);
    CREATE INDEX sign_in_attempt_by_expiry ON sign_in_attempt (expires_at);

    CREATE TABLE portal_session (
        id TEXT PRIMARY KEY,
        digest {blob} NOT NULL UNIQUE,
        account_id TEXT NOT NULL,
        person_id TEXT NOT NULL,
        methods TEXT NOT NULL,
        created_at {int} NOT NULL,
        last_seen_at {int} NOT NULL,
        recovery_until {int},
        address TEXT NOT NULL DEFAULT '',
        user_agent TEXT NOT NULL DEFAULT '',
        FOREIGN KEY (account_id, person_id) REFERENCES person (account_id, id) ON DELETE CASCADE
    );

    CREATE INDEX portal_session_by_person ON portal_session (person_id);
    CREATE INDEX portal_session_by_last_seen ON portal_session (last_seen_at);

    CREATE TABLE agent_session (
        id TEXT PRIMARY KEY,
        digest {blob} NOT NULL UNIQUE,
        account_id TEXT NOT NULL,
        person_id TEXT NOT NULL,
        created_at {int} NOT NULL,
        expires_at {int} NOT NULL,
        address TEXT NOT NULL DEFAULT '',
        user_agent TEXT NOT NULL DEFAULT '',
        FOREIGN KEY (account_id, person_id) REFERENCES person (account_id, id) ON DELETE CASCADE
    );

    CREATE INDEX agent_session_by_person ON agent_session (person_id);
    CREATE INDEX agent_session_by_account ON agent_session (account_id);
    CREATE INDEX agent_session_by_expiry ON agent_session (expires_at);

    CREATE TABLE one_time_link (
        digest {blob} PRIMARY KEY,
        kind TEXT NOT NULL,
        account_id TEXT,
        person_id TEXT,
        created_at {int} NOT NULL,
        expires_at {int},
        FOREIGN KEY (account_id, person_id) REFERENCES person (account_id, id) ON DELETE CASCADE
    );

    CREATE INDEX one_time_link_by_person ON one_time_link (person_id);

    CREATE TABLE throttle (
        kind TEXT NOT NULL,
        scope TEXT NOT NULL CHECK (scope IN ('login', 'address')),
        subject TEXT NOT NULL,
        consecutive {int} NOT NULL DEFAULT 0,
        blocked_until {int},
        recent {blob} NOT NULL,
        updated_at {int} NOT NULL,
        PRIMARY KEY (kind, scope, subject)
    );

    CREATE INDEX throttle_by_update ON throttle (updated_at);

    CREATE TABLE activity (
        id {identity},
        happened_at {int} NOT NULL,
        account_id TEXT,
        kind TEXT NOT NULL,
        actor_id TEXT,
        actor_name TEXT NOT NULL DEFAULT '',
        actor_login TEXT NOT NULL DEFAULT '',
        subject_id TEXT,
        subject_name TEXT NOT NULL DEFAULT '',
        subject_login TEXT NOT NULL DEFAULT '',
        address TEXT NOT NULL DEFAULT '',
        parameters TEXT NOT NULL DEFAULT '',
        merge_key TEXT UNIQUE,
        times {int} NOT NULL DEFAULT 1
    );

    CREATE INDEX activity_by_account ON activity (account_id, id);
    CREATE INDEX activity_by_actor ON activity (account_id, actor_id, id);
    CREATE INDEX activity_by_subject ON activity (account_id, subject_id, id);
    """
