/// When and by what a session's person last showed that it is them, and the posts that wait for it. What could be made
/// without such a proof before is told once. Tickets and application sessions know the origin that they were made for,
/// links who made them; logins that opened applications are kept from others for a year, hosts from managers. Counted refusals are found by
/// their age. Browsers that have signed in before have counters of their own.
let schema6 = """
    ALTER TABLE portal_session ADD COLUMN proven_at {int};
    ALTER TABLE portal_session ADD COLUMN proven_by TEXT;
    ALTER TABLE portal_session ADD COLUMN wrong_proofs {int} NOT NULL DEFAULT 0;

    CREATE TABLE waiting_post (
        id TEXT PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        portal_session_id TEXT NOT NULL REFERENCES portal_session (id) ON DELETE CASCADE,
        path TEXT NOT NULL,
        need TEXT NOT NULL CHECK (need IN ('strongest', 'password')),
        sealed {blob} NOT NULL,
        expires_at {int} NOT NULL
    );

    CREATE INDEX waiting_post_by_session ON waiting_post (portal_session_id, expires_at);
    CREATE INDEX waiting_post_by_account ON waiting_post (account_id);
    CREATE INDEX waiting_post_by_expiry ON waiting_post (expires_at);

    CREATE TABLE reserved_login (
        digest {blob} PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        freed_at {int} NOT NULL
    );

    CREATE INDEX reserved_login_by_account ON reserved_login (account_id);
    CREATE INDEX reserved_login_by_time ON reserved_login (freed_at);

    ALTER TABLE one_time_link ADD COLUMN made_by TEXT;

    CREATE TABLE former_host (
        account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        host TEXT NOT NULL,
        PRIMARY KEY (account_id, host)
    );

    ALTER TABLE person ADD COLUMN has_opened {int} NOT NULL DEFAULT 0;
    ALTER TABLE hand_over_ticket ADD COLUMN origin TEXT NOT NULL DEFAULT '';
    ALTER TABLE application_session ADD COLUMN origin TEXT NOT NULL DEFAULT '';

    CREATE INDEX activity_of_refusals ON activity (happened_at) WHERE merge_key IS NOT NULL;

    CREATE TABLE known_browser (
        person_id TEXT NOT NULL,
        digest {blob} NOT NULL,
        account_id TEXT NOT NULL,
        last_used_at {int} NOT NULL,
        PRIMARY KEY (person_id, digest),
        FOREIGN KEY (account_id, person_id) REFERENCES person (account_id, id) ON DELETE CASCADE
    );

    CREATE INDEX known_browser_by_account ON known_browser (account_id, person_id);
    CREATE INDEX known_browser_by_use ON known_browser (last_used_at);

    CREATE TABLE throttle_next (
        kind TEXT NOT NULL,
        scope TEXT NOT NULL CHECK (scope IN ('login', 'address', 'browser')),
        subject TEXT NOT NULL,
        consecutive {int} NOT NULL DEFAULT 0,
        blocked_until {int},
        recent {blob} NOT NULL,
        updated_at {int} NOT NULL,
        PRIMARY KEY (kind, scope, subject)
    );

    INSERT INTO throttle_next (kind, scope, subject, consecutive, blocked_until, recent, updated_at)
    SELECT kind, scope, subject, consecutive, blocked_until, recent, updated_at FROM throttle;

    DROP TABLE throttle;

    ALTER TABLE throttle_next RENAME TO throttle;

    CREATE INDEX throttle_by_update ON throttle (updated_at);

    ALTER TABLE api_token ADD COLUMN reviewed {int} NOT NULL DEFAULT 0;
    ALTER TABLE application ADD COLUMN reviewed {int} NOT NULL DEFAULT 0;
    """
