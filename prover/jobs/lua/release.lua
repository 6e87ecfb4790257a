-- Gives a running job back. ARGV: id token delay counted(1|0) reason retention events-retention.
-- Returns 1, or 0 if it is not this worker's.
local id, token, delay, counted, reason, retention, events_retention = unpack(ARGV)
local job = P .. 'job:' .. id
local has = redis.call('HMGET', job, 'status', 'token', 'score')
if has[1] ~= 'running' or has[2] ~= token then return 0 end
if get(id, 'cancel') then
  finish(id, 'running', 'cancelled', '', '', 'unknown', tonumber(retention), events_retention)
  return 1
end
redis.call('HSET', job, 'status', 'queued', 'token', '')
local attempt = counted == '1' and get(id, 'attempt') or redis.call('HINCRBY', job, 'attempt', -1)
redis.call('ZREM', P .. 'leases', id)
count(id, 'running', 'queued')
if tonumber(delay) > 0 then
  redis.call('ZADD', P .. 'leases', now() + delay, id)
else
  redis.call('ZADD', P .. 'queued', has[3], id)
  redis.call('PUBLISH', P .. 'queued', id)
end
redis.call('HINCRBY', P .. 'totals', 'released', 1)
tell(id, 'queued', cjson.encode({ attempt = tonumber(attempt), reason = reason }))
changed(id)
return 1
