-- Asks Countersign about each request. For Apache's mod_lua, with LuaSocket (Debian: lua-socket).
--
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
    x-forwarded-method forwarded]]):gmatch("%S+") do
    own[name] = true
end

local function question(r)
    local headers = {}
    for name, value in pairs(r:headers_in_table()) do
        if not own[name:lower()] then headers[name] = value end
    end
    headers["X-Forwarded-For"] = r.useragent_ip
    headers["X-Forwarded-Proto"] = r.is_https and "https" or "http"
    headers["X-Forwarded-Host"] = r.headers_in["Host"] or ""
    headers["X-Forwarded-Uri"] = r.unparsed_uri
    headers["X-Forwarded-Method"] = r.method
    return headers
end

function check(r)
    -- The portal's own paths on this host; ProxyPass leads them to the portal.
    if r.uri:sub(1, 14) == "/_countersign/" then return apache2.DECLINED end
    local body = {}
    local done, status, headers = http.request {
        url = portal .. "/forward-auth",
        headers = question(r),
        redirect = false,
        sink = function(chunk)
            if chunk then body[#body + 1] = chunk end
            return 1
        end,
    }
    -- No answer lets nobody in.
    if not done then return 502 end
    if status == 200 then
        -- A client may name headers in Connection for a proxy to drop; not these.
        local connection = (r.headers_in["Connection"] or ""):lower()
        r.headers_in["Connection"] = connection:find("upgrade") and "Upgrade" or connection:find("close") and "close" or nil
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
