"""The paths of the portal: what a stranger must not see."""

PUBLIC = {"/sign-in", "/healthz", "/readyz"}

PORTAL = """
/
/own /own/profile /own/password /own/sessions /own/sessions/end-others /own/recovery-codes /own/recovery-codes/replace
/own/two-factor /own/two-factor/enable /own/two-factor/cancel /own/two-factor/remove
/own/sessions/{id}/end /own/new-phone /own/api-tokens/{id}/revoke /confirm /sign-in/enrol/new-secret
/sign-in/token /sign-in/password /sign-in/enrol /sign-in/recovery-codes /sign-out
/accounts/details /accounts/details/profile /accounts/details/account /accounts/details/password
/accounts/details/two-factor /accounts/details/two-factor/enable /accounts/details/two-factor/cancel /accounts/details/two-factor/remove
/accounts/details/recovery-codes /accounts/details/recovery-codes/replace
/accounts/details/sessions /accounts/details/sessions/{id}/end /accounts/details/sessions/end-others
/accounts/settings /accounts/settings/require-two-factor /accounts/settings/passwords /accounts/settings/sessions
/accounts/settings/agents /accounts/settings/ip
/setup/users /setup/users/{id} /setup/users/{id}/disable /setup/users/{id}/enable /setup/users/{id}/delete /setup/users/{id}/roles
/setup/users/{id}/grant-admin /setup/users/{id}/revoke-admin /setup/users/{id}/reset-two-factor /setup/users/{id}/reset-password
/setup/users/{id}/end-sessions /setup/users/new /setup/users/{id}/api-tokens/{id}/revoke
/setup/roles /setup/roles/new /setup/roles/{role} /setup/roles/{role}/delete
/setup/activity-log /setup/activity-log.csv
/devices /devices/{id} /applications /applications/{id} /applications/{id}/delete /applications/{id}/rules /applications/{id}/rules/{id}/delete /applications/new /launch /applications/hand-over /applications/why /own/api-tokens
/metrics
""".split()

# Other spellings of paths that are shut: the decision is the same for all of them.
SPELLINGS = """
//accounts/details /accounts//details /accounts/./details /x/../accounts/details /accounts/details/ /ACCOUNTS/DETAILS
/accounts%2fdetails /%61ccounts/details /accounts/details;x=1 /accounts/details%00 /accounts/details.css /static/../accounts/details
/sign-in/../accounts/details /sign-in/%2e%2e/accounts/details /accounts\\details /accounts/details%20 /sign-in;/../own
""".split()

AGENT = ["/agent/v1/me", "/agent/v1/devices", "/agent/v1/devices/one", "/agent/v1/sign-out"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]
