#!lua flags=allow-oom
--[[
Notes how far the writer of a shard has committed, and forgets what is committed and older than the replay window.

KEYS  1  log of the shard (stream)
      2  counters of the shard (hash, see accept.lua)
ARGV  1  id of the last committed entry, <ms>-<n>
      2  replay window in ms
      3  name of the log that the id is from
      4  committed entries that are kept for replay at most
Returns the number of entries forgotten.

Runs also when Redis is full: it is what makes room (so does marks.lua, without which no writer gets this far).

A position of another log, or ahead of this one, belongs to one that was lost: it says nothing here and is left alone.
]]
local LOG, COUNTERS = KEYS[1], KEYS[2]
local ms, entry = string.match(ARGV[1], '^(%d+)%-(%d+)$')
local counters = redis.call('HMGET', COUNTERS, 'appended', 'committed', 'born')
if (counters[3] or '') ~= ARGV[3] then return 0 end
local committed = tonumber(entry)
if committed > tonumber(counters[1] or 0) then return 0 end
if committed > tonumber(counters[2] or 0) then redis.call('HSET', COUNTERS, 'committed', entry) end

local now = redis.call('TIME')
local appended = tonumber(counters[1] or 0)
local forgotten = redis.call('XTRIM', LOG, 'MAXLEN', '~', string.format('%.0f', appended - committed + ARGV[4]))
local replay_from = tonumber(now[1]) * 1000 - tonumber(ARGV[2])
if replay_from < tonumber(ms) then
  return forgotten + redis.call('XTRIM', LOG, 'MINID', '~', string.format('%.0f', math.max(replay_from, 0)))
end
return forgotten + redis.call('XTRIM', LOG, 'MINID', '~', ARGV[1])
