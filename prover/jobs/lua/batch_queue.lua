-- Queues some of the jobs of accepted batches, in portions so that nobody waits long for Redis. ARGV: portion
-- retention events-retention. Returns how many are left.
local left = 0
local portion, retention, events_retention = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
for _, batch in ipairs(redis.call('SMEMBERS', P .. 'pending')) do
  local pending = P .. 'batch:' .. batch .. ':pending'
  while portion > 0 do
    local id = redis.call('LPOP', pending)
    if not id then break end
    portion = portion - 1
    local has = redis.call('HMGET', P .. 'job:' .. id, 'status', 'priority', 'owner', 'created', 'known', 'verdict')
    index(id, has[3], has[4])
    if has[1] == 'queued' then
      tell(id, 'queued', '{"attempt":0}')
      if has[5] then
        redis.call('HDEL', P .. 'job:' .. id, 'known')
        redis.call('HSET', P .. 'job:' .. id, 'cached', 1)
        finish(id, 'queued', 'completed', 'record', has[5], has[6], retention, events_retention)
      else
        enqueue(id, tonumber(has[2]))
        redis.call('PUBLISH', P .. 'queued', id)
      end
    end
  end
  local rest = redis.call('LLEN', pending)
  if rest == 0 then redis.call('SREM', P .. 'pending', batch) end
  left = left + rest
end
return left
