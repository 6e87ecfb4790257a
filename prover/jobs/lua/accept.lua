-- Accepts one job. ARGV: id task priority owner idempotency-key digest max-queued max-open
--                        record-or-'' its-verdict retention events-retention
-- Returns {'accepted' | 'again', id}, {'conflict'}, {'full'} or {'busy'}.
local id, task, priority, owner, idem, digest = unpack(ARGV, 1, 6)
local max_queued, max_open, record, verdict, retention, events_retention = unpack(ARGV, 7, 12)
if redis.call('EXISTS', P .. 'job:' .. id) == 1 then return { 'accepted', id } end -- sent twice by a retry
local known = P .. 'idempotent:' .. owner .. ':' .. idem
if idem ~= '' then
  local before = redis.call('HMGET', known, 'digest', 'id')
  if before[1] then return before[1] == digest and { 'again', before[2] } or { 'conflict' } end
end
if record == '' then
  if tonumber(redis.call('HGET', P .. 'now', 'queued') or 0) >= tonumber(max_queued) then return { 'full' } end
  if tonumber(max_open) > 0 and tonumber(redis.call('HGET', P .. 'open', owner) or 0) >= tonumber(max_open) then
    return { 'busy' }
  end
end
local at = now()
redis.call('HSET', P .. 'job:' .. id, 'status', 'queued', 'task', task, 'priority', priority, 'owner', owner,
  'created', at, 'attempt', 0)
index(id, owner, at)
redis.call('HINCRBY', P .. 'open', owner, 1)
if idem ~= '' then
  redis.call('HSET', known, 'digest', digest, 'id', id)
  redis.call('ZADD', P .. 'ended', at + retention, 'idempotent:' .. owner .. ':' .. idem)
end
count(id, '', 'queued')
tell(id, 'queued', '{"attempt":0}')
if record ~= '' then
  redis.call('HSET', P .. 'job:' .. id, 'cached', 1)
  finish(id, 'queued', 'completed', 'record', record, verdict, tonumber(retention), events_retention)
else
  enqueue(id, tonumber(priority))
  redis.call('PUBLISH', P .. 'queued', id)
end
return { 'accepted', id }
