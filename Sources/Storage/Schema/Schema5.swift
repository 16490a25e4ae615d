/// Whose host names are whose. An application's host stands beside its origin, without the port: cookies know no port.
let schema5 = """
    CREATE TABLE host_grant (
        pattern TEXT PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        created_at {int} NOT NULL
    );

    CREATE INDEX host_grant_by_account ON host_grant (account_id);

    ALTER TABLE application ADD COLUMN host TEXT NOT NULL DEFAULT '';

    UPDATE application SET host = replace(replace(origin, 'https://', ''), 'http://', '');

    UPDATE application SET host = rtrim(rtrim(host, '0123456789'), ':') WHERE host LIKE '%:%';

    CREATE INDEX application_by_host ON application (host);
    """
