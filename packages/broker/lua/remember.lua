--[[
Makes events of a shard recognised when they are sent again, as far as they are not and are younger than a slice by the time
of this log: callers have other clocks.

KEYS  1      counters of the shard (hash, see accept.lua)
      2 … 5  the ids of events by slices of time (see accept.lua)
ARGV  1      length of a slice in seconds
      then   per event: name by which it is recognised, "epoch:seq:at"
Returns the number of events.

What is remembered lives as if it were accepted now: no shorter than it should.
]]
local SLICES = 4
local once_seconds = tonumber(ARGV[1])
local time = redis.call('TIME')
local log_seconds = math.max(tonumber(time[1]), tonumber(redis.call('HGET', KEYS[1], 'ms') or 0) / 1000)
local slice = math.floor(log_seconds / once_seconds)
local present, before = KEYS[2 + slice % SLICES], KEYS[2 + (slice - 1) % SLICES]
for arg = 2, #ARGV, 2 do
  local at = tonumber(string.match(ARGV[arg + 1], '%d+$')) / 1000
  if at + once_seconds > log_seconds and redis.call('HEXISTS', before, ARGV[arg]) == 0 then
    redis.call('HSETNX', present, ARGV[arg], ARGV[arg + 1])
  end
end
redis.call('EXPIRE', present, 2 * once_seconds, 'NX')
return (#ARGV - 1) / 2
