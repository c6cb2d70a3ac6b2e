--[[
Adds to the spending of keys (users, rooms, the cluster) in the present time window, over all processes.

KEYS  1 ... 3  spending by time window, used in turn (hash: key -> count)
ARGV  1      length of a window in seconds
      then   per key: name, count to add
Returns the remaining milliseconds of the window, then the sum of each key in it.

A key expires after two windows, so it is gone before it is used again.
]]
local window_ms = tonumber(ARGV[1]) * 1000
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local window = math.floor(now / window_ms)
local key = KEYS[1 + window % #KEYS]
local answer = { (window + 1) * window_ms - now }
for arg = 2, #ARGV, 2 do answer[#answer + 1] = redis.call('HINCRBY', key, ARGV[arg], ARGV[arg + 1]) end
redis.call('PEXPIRE', key, 2 * window_ms, 'NX')
return answer
