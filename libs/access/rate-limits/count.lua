-- KEYS: a counter for each window. ARGV: for each, how many calls it takes and its length in milliseconds.
-- Answers {1 or 0 for taken, then for each window the calls that count and the milliseconds that are left of it}.
local used, left, taken = {}, {}, 1
for i, key in ipairs(KEYS) do
  used[i] = tonumber(redis.call('GET', key) or '0')
  left[i] = math.max(redis.call('PTTL', key), 0)
  if used[i] >= tonumber(ARGV[i * 2 - 1]) then taken = 0 end
end
local told = { taken }
for i, key in ipairs(KEYS) do
  if taken == 1 then
    used[i] = redis.call('INCR', key)
    if left[i] == 0 then
      left[i] = tonumber(ARGV[i * 2])
      redis.call('PEXPIRE', key, left[i])
    end
  end
  told[#told + 1] = used[i]
  told[#told + 1] = left[i]
end
return told
