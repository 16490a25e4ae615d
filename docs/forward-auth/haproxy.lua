-- Asks Countersign about each request, by HAProxy's own HTTP client (HAProxy 2.6 or later; no other library).
--
--   global
--       setenv COUNTERSIGN_PORTAL http://127.0.0.1:8080
--       lua-load /etc/haproxy/countersign.lua
--   frontend ...
--       http-request del-header Countersign-Origin
--       http-request set-header Countersign-Origin https://grafana.example.com if { req.hdr(host),host_only -i grafana.example.com }
--       http-request lua.countersign unless { path_beg /_countersign/ }
local portal = os.getenv("COUNTERSIGN_PORTAL") or "http://127.0.0.1:8080"

-- What identifies the person to the console: always set, so that nothing which a client sends under these names arrives.
local identity = { "remote-user", "remote-name", "remote-email", "remote-groups" }

-- Of the connection or the body, or told by this script alone.
local own = {}
for name in ([[host connection content-length transfer-encoding expect te trailer keep-alive proxy-connection
    x-original-url x-original-method x-forwarded-for x-forwarded-proto x-forwarded-host x-forwarded-uri
    x-forwarded-method forwarded]]):gmatch("%S+") do
    own[name] = true
end

-- Takes away what a CGI-like application reads as one of these: Remote_User, Remote.User.
local function clear(txn)
    for name in pairs(txn.http:req_get_headers()) do
        local read = name:lower():gsub("[^%w]", "-")
        for _, wanted in ipairs(identity) do
            if read == wanted then txn.http:req_del_header(name) end
        end
    end
end

local function question(txn)
    local headers = {}
    for name, values in pairs(txn.http:req_get_headers()) do
        if not own[name] then
            headers[name] = {}
            for place = 0, #values do
                headers[name][place + 1] = values[place]
            end
        end
    end
    headers["x-forwarded-for"] = { txn.f:src() }
    headers["x-forwarded-proto"] = { txn.f:ssl_fc() == 1 and "https" or "http" }
    -- Countersign-Origin, which the frontend has set, says which application is asked about; what the client claims may
    -- not contradict it.
    headers["x-forwarded-host"] = { txn.f:req_hdr("host") or "" }
    headers["x-forwarded-uri"] = { txn.f:pathq() }
    headers["x-forwarded-method"] = { txn.f:method() }
    return { url = portal .. "/forward-auth", headers = headers, timeout = 5000 }
end

local function first(answer, name)
    local values = answer.headers and answer.headers[name]
    return values and values[0] or ""
end

core.register_action("countersign", { "http-req" }, function(txn)
    if (txn.f:req_hdr("countersign-origin") or "") == "" then
        core.Alert("countersign: the frontend sets no Countersign-Origin, so it lets nobody in")
        return txn:done(txn:reply({ status = 500 }))
    end
    local answer = core.httpclient():get(question(txn))
    if answer and answer.status == 200 then
        clear(txn)
        for _, name in ipairs(identity) do
            txn.http:req_set_header(name, first(answer, name))
        end
        -- A token of the portal is not the console's business.
        if first(answer, "countersign-credential") == "api_token" then
            txn.http:req_del_header("authorization")
        end
        return
    end
    -- No answer lets nobody in.
    local known = answer and answer.status and answer.status >= 300
    local reply = txn:reply({ status = known and answer.status or 502 })
    if known then
        for name, values in pairs(answer.headers) do
            if not own[name] then
                for place = 0, #values do
                    reply:add_header(name, values[place])
                end
            end
        end
        reply:set_body(answer.body or "")
    end
    txn:done(reply)
end)
