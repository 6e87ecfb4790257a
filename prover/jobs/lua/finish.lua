-- Ends a running job. ARGV: id token status field data verdict cached retention events-retention, then name by ...
-- (sums). Returns 1, or 0 if the job is no longer this worker's.
local id, token, status, field, data, verdict, cached, retention, events_retention = unpack(ARGV, 1, 9)
local has = redis.call('HMGET', P .. 'job:' .. id, 'status', 'token')
if has[2] ~= token then return 0 end
if has[1] ~= 'running' then return has[1] ~= 'queued' and 1 or 0 end -- ended by this token before: sent twice
if cached == '1' then redis.call('HSET', P .. 'job:' .. id, 'cached', 1) end
finish(id, 'running', status, field, data, verdict, tonumber(retention), events_retention)
for i = 10, #ARGV, 2 do redis.call('HINCRBYFLOAT', P .. 'totals', ARGV[i], ARGV[i + 1]) end
return 1
