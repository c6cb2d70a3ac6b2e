--[[
Adds events of a shard to the dedupe, so that they are recognised when they are sent again. Ignores events that are in it or
older than a time slice. The clock of this log counts, because callers have other clocks.

KEYS  1      counters of the shard (hash, see ../accept.lua)
      2 ... 5  dedupe buckets (see ../accept.lua)
ARGV  1      length of a time slice in seconds
      then   per event: dedupe key, "epoch:seq:at"
Returns the number of events.

An added event is kept as if it were accepted now, so not shorter than it must be.
]]
local BUCKETS = 4
local slice_seconds = tonumber(ARGV[1])
local time = redis.call('TIME')
local log_seconds = math.max(tonumber(time[1]), tonumber(redis.call('HGET', KEYS[1], 'ms') or 0) / 1000)
local slice = math.floor(log_seconds / slice_seconds)
local present, before = KEYS[2 + slice % BUCKETS], KEYS[2 + (slice - 1) % BUCKETS]
for arg = 2, #ARGV, 2 do
  local at = tonumber(string.match(ARGV[arg + 1], '%d+$')) / 1000
  if at + slice_seconds > log_seconds and redis.call('HEXISTS', before, ARGV[arg]) == 0 then
    redis.call('HSETNX', present, ARGV[arg], ARGV[arg + 1])
  end
end
redis.call('EXPIRE', present, 2 * slice_seconds, 'NX')
return (#ARGV - 1) / 2
