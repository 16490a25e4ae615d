-- Asks Countersign about each request. For Apache's mod_lua, with LuaSocket (Debian: lua-socket).
--
--   SetEnvIf Request_URI ^ COUNTERSIGN_ORIGIN=https://grafana.example.com
--   LuaHookAccessChecker /etc/apache2/countersign.lua check

-- Where the portal listens.
local portal = "http://127.0.0.1:8080"

local http = require "socket.http"
http.TIMEOUT = 5

-- What identifies the person to the console: always set, so that nothing which a client sends under these names arrives.
local identity = { "Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups" }

-- Of the connection or the body, or told by this script alone.
local own = {}
for name in ([[host connection content-length transfer-encoding expect te trailer keep-alive proxy-connection
    x-original-url x-original-method x-forwarded-for x-forwarded-proto x-forwarded-host x-forwarded-uri
    x-forwarded-method forwarded countersign-origin]]):gmatch("%S+") do
    own[name] = true
end

-- Takes away what a CGI-like application reads as one of these: Remote_User, Remote.User.
local function clear(r)
    for name in pairs(r:headers_in_table()) do
        local read = name:lower():gsub("[^%w]", "-")
        for _, wanted in ipairs(identity) do
            if read == wanted:lower() then r.headers_in[name] = nil end
        end
    end
end

local function question(r, origin)
    local headers = {}
    for name, value in pairs(r:headers_in_table()) do
        if not own[name:lower()] then headers[name] = value end
    end
    headers["X-Forwarded-For"] = r.useragent_ip
    headers["X-Forwarded-Proto"] = r.is_https and "https" or "http"
    -- Which application is asked about is this virtual host's own word; what the client claims may not contradict it.
    headers["Countersign-Origin"] = origin
    headers["X-Forwarded-Host"] = r.headers_in["Host"]
    headers["X-Forwarded-Uri"] = r.unparsed_uri
    headers["X-Forwarded-Method"] = r.method
    return headers
end

function check(r)
    local origin = r.subprocess_env["COUNTERSIGN_ORIGIN"]
    if not origin or origin == "" then
        r:err("countersign: this virtual host has no COUNTERSIGN_ORIGIN, so it lets nobody in")
        return 500
    end
    r.headers_in["Countersign-Origin"] = origin
    -- A client may name headers in Connection for a proxy to drop; not these. And only WebSockets change the protocol:
    -- behind another one (h2c) requests would pass that nobody asked about.
    local connection = (r.headers_in["Connection"] or ""):lower()
    local websocket = (r.headers_in["Upgrade"] or ""):lower() == "websocket" and connection:find("upgrade")
    r.headers_in["Upgrade"] = websocket and "websocket" or nil
    r.headers_in["Connection"] = websocket and "Upgrade" or connection:find("close") and "close" or nil
    r.headers_in["HTTP2-Settings"] = nil
    -- The portal's own paths on this host; ProxyPass leads them to the portal.
    if r.uri:sub(1, 14) == "/_countersign/" then return apache2.DECLINED end
    local body = {}
    local done, status, headers = http.request {
        url = portal .. "/forward-auth",
        headers = question(r, origin),
        redirect = false,
        sink = function(chunk)
            if chunk then body[#body + 1] = chunk end
            return 1
        end,
    }
    -- No answer lets nobody in.
    if not done then return 502 end
    if status == 200 then
        clear(r)
        r.headers_in["Host"] = origin:gsub("^%a+://", "")
        for _, name in ipairs(identity) do
            r.headers_in[name] = headers[name:lower()] or ""
        end
        -- A token of the portal is not the console's business.
        if headers["countersign-credential"] == "api_token" then r.headers_in["Authorization"] = nil end
        return apache2.DECLINED
    end
    for name, value in pairs(headers) do
        if not own[name] and name ~= "content-type" then r.err_headers_out[name] = value end
    end
    r.status = status
    r.content_type = headers["content-type"] or "text/plain"
    r:write(table.concat(body))
    return apache2.DONE
end
