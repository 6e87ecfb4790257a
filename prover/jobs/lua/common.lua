-- What all scripts share. KEYS[1] is the first part of every key; all of them hash to one slot of a cluster.
--
--   job:ID            hash: status task priority score owner batch created started finished attempt token worker
--                     cancel cached progress verdict record failure
--   queued            sorted set of ids: what waits, the next first
--   leases            sorted set of ids: running jobs by the end of their lease; queued ones by the end of a delay
--   ended             sorted set: `job:ID` and `batch:ID` by the time at which they are forgotten
--   index:OWNER       sorted set of ids by time of acceptance;  index:*  of all owners;  batches:OWNER  likewise
--   events:ID         stream
--   batch:ID          hash: name owner created finished sealed total queued running completed failed cancelled proved refuted
--   batch:ID:jobs     list of ids;  batch:ID:pending  those that are not in `queued` yet
--   unsealed          sorted set of batches by the time their upload began;  pending  set of batches to be queued
--   now               hash: queued, running;  open  hash: unfinished jobs by owner;  totals  hash: sums since ever
local P = KEYS[1]

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function get(id, field) return redis.call('HGET', P .. 'job:' .. id, field) end

local function changed(id) redis.call('PUBLISH', P .. 'changed', id) end

local function tell(id, event, data)
  redis.call('XADD', P .. 'events:' .. id, 'MAXLEN', '~', 50000, '*', 'event', event, 'data', data)
end

-- Counts a job's move from one status to another ('' : none) for its batch and for everybody.
local function count(id, from, to)
  local batch = get(id, 'batch')
  for _, step in ipairs({ { from, -1 }, { to, 1 } }) do
    if step[1] ~= '' then
      if batch then redis.call('HINCRBY', P .. 'batch:' .. batch, step[1], step[2]) end
      if step[1] == 'queued' or step[1] == 'running' then
        redis.call('HINCRBY', P .. 'now', step[1], step[2])
      elseif step[2] == 1 then
        redis.call('HINCRBY', P .. 'totals', 'jobs:' .. step[1], 1)
      end
    end
  end
  return batch
end

-- Ends a job: the one place where that happens. verdict: that of its record; 'unknown' without one.
local function finish(id, from, to, field, data, verdict, retention, events_retention)
  local at = now()
  local job = P .. 'job:' .. id
  redis.call('HSET', job, 'status', to, 'finished', at, 'verdict', verdict)
  if field ~= '' then redis.call('HSET', job, field, data) end
  redis.call('ZREM', P .. 'queued', id)
  redis.call('ZREM', P .. 'leases', id)
  redis.call('ZADD', P .. 'ended', at + retention, 'job:' .. id)
  redis.call('HINCRBY', P .. 'open', get(id, 'owner'), -1)
  local batch = count(id, from, to)
  if batch then
    local hash = P .. 'batch:' .. batch
    if verdict ~= 'unknown' then redis.call('HINCRBY', hash, verdict, 1) end
    local left = redis.call('HMGET', hash, 'queued', 'running')
    if tonumber(left[1]) == 0 and tonumber(left[2]) == 0 then
      redis.call('HSET', hash, 'finished', at)
      redis.call('ZADD', P .. 'ended', at + retention, 'batch:' .. batch)
    end
    redis.call('PUBLISH', P .. 'changed', batch)
  end
  if to == 'completed' then redis.call('HINCRBY', P .. 'totals', 'verdicts:' .. verdict, 1) end
  if verdict == 'proved' then redis.call('HINCRBY', P .. 'totals', 'proved', 1) end
  tell(id, 'finished', '')
  redis.call('PEXPIRE', P .. 'events:' .. id, events_retention)
  changed(id)
end

local function enqueue(id, priority)
  local score = (9 - priority) * 4398046511104 + redis.call('INCR', P .. 'sequence') -- 2^42
  redis.call('HSET', P .. 'job:' .. id, 'score', string.format('%.0f', score))
  redis.call('ZADD', P .. 'queued', string.format('%.0f', score), id)
end

local function index(id, owner, at)
  redis.call('ZADD', P .. 'index:' .. owner, at, id)
  redis.call('ZADD', P .. 'index:*', at, id)
end
