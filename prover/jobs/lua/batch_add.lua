-- Uploads a part of a batch; nobody sees it before it is sealed. ARGV: batch, then id task priority owner record verdict ...
local batch = ARGV[1]
redis.call('ZADD', P .. 'unsealed', 'NX', now(), batch)
for i = 2, #ARGV, 6 do
  local id, task, priority, owner, record, verdict = unpack(ARGV, i, i + 5)
  local job = P .. 'job:' .. id
  if redis.call('EXISTS', job) == 0 then
    redis.call('HSET', job, 'status', 'queued', 'task', task, 'priority', priority, 'owner', owner, 'batch', batch,
      'created', now(), 'attempt', 0)
    if record ~= '' then redis.call('HSET', job, 'known', record, 'verdict', verdict) end
    redis.call('RPUSH', P .. 'batch:' .. batch .. ':jobs', id)
    redis.call('RPUSH', P .. 'batch:' .. batch .. ':pending', id)
  end
end
return 1
