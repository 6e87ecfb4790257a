-- Upkeep. ARGV: attempts retention events-retention. Returns {jobs taken from lost workers, of them failed, forgotten}.
local attempts, retention, events_retention = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local at, lost, failed, forgotten = now(), 0, 0, 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'leases', '-inf', at, 'LIMIT', 0, 500)) do
  local job = P .. 'job:' .. id
  local has = redis.call('HMGET', job, 'status', 'attempt', 'cancel', 'score')
  redis.call('ZREM', P .. 'leases', id)
  if has[1] == 'queued' then -- its delay is over
    redis.call('ZADD', P .. 'queued', has[4], id)
    redis.call('PUBLISH', P .. 'queued', id)
  elseif has[1] == 'running' then
    lost = lost + 1
    if has[3] then
      finish(id, 'running', 'cancelled', '', '', 'unknown', retention, events_retention)
    elseif tonumber(has[2]) >= attempts then
      failed = failed + 1
      finish(id, 'running', 'failed', 'failure', cjson.encode({
        kind = 'worker_lost',
        reason = 'the worker ended while it was at this theorem, ' .. has[2] .. ' times',
        hint = 'it may need more memory than a worker has: give workers more (WORKER_MEMORY in docker-compose.yml), '
          .. 'or prove fewer theorems at once (PROVER_WORKER__CONCURRENCY)',
      }), 'unknown', retention, events_retention)
    else
      redis.call('HSET', job, 'status', 'queued', 'token', '', 'suspect', 1)
      count(id, 'running', 'queued')
      redis.call('ZADD', P .. 'queued', has[4], id)
      tell(id, 'queued', cjson.encode({ attempt = tonumber(has[2]), reason = 'its worker was lost' }))
      redis.call('PUBLISH', P .. 'queued', id)
      changed(id)
    end
  end
end
redis.call('HINCRBY', P .. 'totals', 'lost', lost)
for _, name in ipairs(redis.call('ZRANGEBYSCORE', P .. 'ended', '-inf', at, 'LIMIT', 0, 500)) do
  local id = string.match(name, '^job:(.*)$')
  if id then
    local owner = get(id, 'owner') or ''
    redis.call('ZREM', P .. 'index:' .. owner, id)
    redis.call('ZREM', P .. 'index:*', id)
    redis.call('DEL', P .. 'events:' .. id)
  end
  local batch = string.match(name, '^batch:(.*)$')
  if batch then
    local owner = redis.call('HGET', P .. name, 'owner') or ''
    redis.call('ZREM', P .. 'batches:' .. owner, batch)
    redis.call('ZREM', P .. 'batches:*', batch)
    redis.call('DEL', P .. name .. ':jobs', P .. name .. ':pending')
  end
  redis.call('DEL', P .. name)
  redis.call('ZREM', P .. 'ended', name)
  forgotten = forgotten + 1
end
return { lost, failed, forgotten }
