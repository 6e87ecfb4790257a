-- Gives the next job to a worker. ARGV: token worker lease. Returns {id, task, attempt} or nil.
local token, worker, lease = unpack(ARGV)
for _ = 1, 1000 do
  local id = redis.call('ZPOPMIN', P .. 'queued')[1]
  if not id then return nil end
  local job = P .. 'job:' .. id
  if get(id, 'status') == 'queued' then
    local at = now()
    local attempt = redis.call('HINCRBY', job, 'attempt', 1)
    redis.call('HSET', job, 'status', 'running', 'token', token, 'worker', worker, 'progress', '')
    redis.call('HSETNX', job, 'started', at)
    redis.call('ZADD', P .. 'leases', at + lease, id)
    count(id, 'queued', 'running')
    tell(id, 'started', '{"attempt":' .. attempt .. '}')
    changed(id)
    return { id, get(id, 'task'), attempt }
  end
end
return nil
