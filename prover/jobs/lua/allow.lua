-- Rate limit (generic cell rate algorithm). ARGV: owner rate-per-minute burst. Returns 0, or milliseconds to wait.
local key = P .. 'rate:' .. ARGV[1]
local step = 60000 / tonumber(ARGV[2])
local at = now()
local due = math.max(at, tonumber(redis.call('GET', key) or 0))
local ahead = due - at - step * (tonumber(ARGV[3]) - 1)
if ahead > 0 then return math.ceil(ahead) end
redis.call('SET', key, string.format('%.0f', due + step), 'PX', math.ceil(due + step - at) + 1000)
return 0
