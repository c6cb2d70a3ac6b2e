#!lua flags=allow-oom
--[[
Notes how far the writer of a shard has committed, and forgets what is committed and older than the replay window.

KEYS  1  log of the shard (stream)
      2  counters of the shard (hash, see accept.lua)
ARGV  1  id of the last committed event, <ms>-<n>: it may stand within an entry, whose id is that of its last
      2  replay window in ms
      3  name of the log that the id is from
      4  committed events that are kept for replay at most, but for those of one millisecond
      5  … and bytes of them
Returns the number of entries forgotten.

Runs also when Redis is full: it is what makes room (so does marks.lua, without which no writer gets this far).

A position of another log, or ahead of this one, belongs to one that was lost: it says nothing here and is left alone.
]]
local LOG, COUNTERS = KEYS[1], KEYS[2]
local function integer(number)
  return string.format('%.0f', number)
end

local ms, event = string.match(ARGV[1], '^(%d+)%-(%d+)$')
local counters = redis.call('HMGET', COUNTERS, 'appended', 'committed', 'born', 'bytes', 'committed_bytes')
if (counters[3] or '') ~= ARGV[3] then return 0 end
local committed = tonumber(event)
if committed > tonumber(counters[1] or 0) then return 0 end

-- Events, and bytes of them, that were appended up to the end of an entry; bytes nil: an older build wrote it and says none.
local function measure(entry)
  local fields = entry[2]
  return tonumber(string.match(entry[1], '%-(%d+)$')), fields[#fields - 1] == 'b' and tonumber(fields[#fields]) or nil
end

-- Bytes of the last `count` events of an entry.
local function bytes_of_last(entry, count)
  local lines, bytes = {}, 0
  for at = 1, #entry[2], 2 do
    if entry[2][at] == 'f' then
      for line in string.gmatch(entry[2][at + 1], '[^\n]+') do lines[#lines + 1] = #line + 1 end
    end
  end
  for at = math.max(#lines - count + 1, 1), #lines do bytes = bytes + lines[at] end
  return bytes
end

local committed_bytes = tonumber(counters[5] or 0)
if committed > tonumber(counters[2] or 0) then
  -- The first entry that is not committed to its end: the committed event may stand within it.
  local open_entry = redis.call('XRANGE', LOG, '(' .. ARGV[1], '+', 'COUNT', 1)[1]
  if open_entry then
    local number, bytes = measure(open_entry)
    if bytes then committed_bytes = math.max(committed_bytes, bytes - bytes_of_last(open_entry, number - committed)) end
  else
    committed_bytes = tonumber(counters[4] or 0)
  end
  redis.call('HSET', COUNTERS, 'committed', event, 'committed_bytes', integer(committed_bytes))
end

-- Entries are found by time alone; numbers, bytes and times rise together. 0: nothing is beyond either bound.
local function time_of_oldest_kept(events_beyond, bytes_beyond)
  local function look_from(time)
    local entry = redis.call('XRANGE', LOG, time, '+', 'COUNT', 1)[1]
    if not entry then return false end
    local events, bytes = measure(entry)
    return events <= events_beyond or (bytes and bytes <= bytes_beyond), tonumber(string.match(entry[1], '^%d+'))
  end
  local is_beyond, low = look_from('-')
  if not is_beyond then return 0 end
  local high = tonumber(ms) + 1
  while high - low > 1 do
    local middle = math.floor((low + high) / 2)
    if look_from(integer(middle)) then low = middle else high = middle end
  end
  return low
end

local now = redis.call('TIME')
local replay_from = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000) - tonumber(ARGV[2])
if replay_from >= tonumber(ms) then return redis.call('XTRIM', LOG, 'MINID', '~', ARGV[1]) end
replay_from = math.max(replay_from, time_of_oldest_kept(committed - ARGV[4], committed_bytes - ARGV[5]))
return redis.call('XTRIM', LOG, 'MINID', '~', integer(math.max(replay_from, 0)))
