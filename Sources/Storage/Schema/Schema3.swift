/// The third step: applications behind the portal, their sessions, API tokens, and what has changed since a node last
/// looked.
let schema3 = """
    CREATE TABLE application (
        id TEXT PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
        origin TEXT NOT NULL UNIQUE,
        assurance TEXT NOT NULL CHECK (assurance IN ('password', 'two-factor')),
        everybody {int} NOT NULL CHECK (everybody IN (0, 1)),
        session_hours {int} CHECK (session_hours BETWEEN 1 AND 720),
        encoded_paths {int} NOT NULL DEFAULT 0 CHECK (encoded_paths IN (0, 1)),
        header_user TEXT NOT NULL,
        header_name TEXT NOT NULL,
        header_email TEXT NOT NULL,
        header_groups TEXT NOT NULL,
        created_at {int} NOT NULL,
        UNIQUE (account_id, id)
    );

    CREATE TABLE application_role (
        account_id TEXT NOT NULL,
        application_id TEXT NOT NULL,
        role_id TEXT NOT NULL,
        PRIMARY KEY (application_id, role_id),
        FOREIGN KEY (account_id, application_id) REFERENCES application (account_id, id) ON DELETE CASCADE,
        FOREIGN KEY (account_id, role_id) REFERENCES role (account_id, id) ON DELETE CASCADE
    );

    CREATE INDEX application_role_by_role ON application_role (account_id, role_id);

    CREATE TABLE application_rule (
        id TEXT PRIMARY KEY,
        account_id TEXT NOT NULL,
        application_id TEXT NOT NULL,
        path TEXT NOT NULL,
        path_key TEXT NOT NULL,
        match_kind TEXT NOT NULL CHECK (match_kind IN ('exact', 'prefix')),
        action TEXT NOT NULL CHECK (action IN ('allow', 'deny', 'password', 'two-factor', 'api-token')),
        UNIQUE (application_id, match_kind, path_key),
        FOREIGN KEY (account_id, application_id) REFERENCES application (account_id, id) ON DELETE CASCADE
    );

    CREATE INDEX application_rule_by_application ON application_rule (account_id, application_id);

    CREATE TABLE hand_over_ticket (
        digest {blob} PRIMARY KEY,
        account_id TEXT NOT NULL,
        application_id TEXT NOT NULL,
        portal_session_id TEXT NOT NULL REFERENCES portal_session (id) ON DELETE CASCADE,
        person_id TEXT NOT NULL,
        nonce {blob} NOT NULL,
        return_to TEXT NOT NULL,
        expires_at {int} NOT NULL,
        FOREIGN KEY (account_id, application_id) REFERENCES application (account_id, id) ON DELETE CASCADE
    );

    CREATE INDEX hand_over_ticket_by_session ON hand_over_ticket (portal_session_id);
    CREATE INDEX hand_over_ticket_by_application ON hand_over_ticket (account_id, application_id);
    CREATE INDEX hand_over_ticket_by_expiry ON hand_over_ticket (expires_at);

    CREATE TABLE application_session (
        id TEXT PRIMARY KEY,
        digest {blob} NOT NULL UNIQUE,
        account_id TEXT NOT NULL,
        application_id TEXT NOT NULL,
        portal_session_id TEXT NOT NULL REFERENCES portal_session (id) ON DELETE CASCADE,
        created_at {int} NOT NULL,
        FOREIGN KEY (account_id, application_id) REFERENCES application (account_id, id) ON DELETE CASCADE
    );

    CREATE INDEX application_session_by_session ON application_session (portal_session_id);
    CREATE INDEX application_session_by_application ON application_session (account_id, application_id);

    CREATE TABLE api_token (
        id TEXT PRIMARY KEY,
        digest {blob} NOT NULL UNIQUE,
        account_id TEXT NOT NULL,
        person_id TEXT NOT NULL,
        name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
        created_at {int} NOT NULL,
        expires_at {int} NOT NULL,
        last_used_at {int},
        UNIQUE (account_id, id),
        FOREIGN KEY (account_id, person_id) REFERENCES person (account_id, id) ON DELETE CASCADE
    );

    CREATE INDEX api_token_by_person ON api_token (person_id, account_id);
    CREATE INDEX api_token_by_expiry ON api_token (expires_at);

    CREATE TABLE api_token_application (
        account_id TEXT NOT NULL,
        token_id TEXT NOT NULL,
        application_id TEXT NOT NULL,
        PRIMARY KEY (token_id, application_id),
        FOREIGN KEY (account_id, token_id) REFERENCES api_token (account_id, id) ON DELETE CASCADE,
        FOREIGN KEY (account_id, application_id) REFERENCES application (account_id, id) ON DELETE CASCADE
    );

    CREATE INDEX api_token_application_by_application ON api_token_application (account_id, application_id);

    CREATE TABLE access_change (
        id {identity},
        changed_at {int} NOT NULL,
        person_id TEXT,
        account_id TEXT
    );

    CREATE INDEX access_change_by_time ON access_change (changed_at);
    """
