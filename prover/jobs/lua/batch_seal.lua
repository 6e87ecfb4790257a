-- Accepts a whole batch: from here on it is finished or reported. ARGV: batch name owner idempotency-key digest
-- max-queued max-open retention. Returns {'accepted' | 'again', id}, {'conflict'}, {'full'} or {'busy'}.
local batch, name, owner, idem, digest, max_queued, max_open, retention = unpack(ARGV)
local hash = P .. 'batch:' .. batch
if redis.call('HGET', hash, 'sealed') then return { 'accepted', batch } end
local known = P .. 'idempotent:' .. owner .. ':' .. idem
if idem ~= '' then
  local before = redis.call('HMGET', known, 'digest', 'id')
  if before[1] then return before[1] == digest and { 'again', before[2] } or { 'conflict' } end
end
local total = redis.call('LLEN', hash .. ':jobs')
if tonumber(redis.call('HGET', P .. 'now', 'queued') or 0) + total > tonumber(max_queued) then return { 'full' } end
local open = tonumber(redis.call('HGET', P .. 'open', owner) or 0)
if tonumber(max_open) > 0 and open + total > tonumber(max_open) then return { 'busy' } end
local at = now()
redis.call('HSET', hash, 'name', name, 'owner', owner, 'created', at, 'sealed', 1, 'total', total, 'queued', total,
  'running', 0, 'completed', 0, 'failed', 0, 'cancelled', 0, 'proved', 0, 'refuted', 0)
redis.call('HINCRBY', P .. 'now', 'queued', total)
redis.call('HINCRBY', P .. 'open', owner, total)
redis.call('ZADD', P .. 'batches:' .. owner, at, batch)
redis.call('ZADD', P .. 'batches:*', at, batch)
redis.call('ZREM', P .. 'unsealed', batch)
redis.call('SADD', P .. 'pending', batch)
if idem ~= '' then
  redis.call('HSET', known, 'digest', digest, 'id', batch)
  redis.call('ZADD', P .. 'ended', at + retention, 'idempotent:' .. owner .. ':' .. idem)
end
return { 'accepted', batch }
