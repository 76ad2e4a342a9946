# A day of usage as CloudEvents, one a line: LLM requests to twenty models, API calls, GPU jobs and
# conversations that an agent resolves, of 24 customers, busier by day than by night.
#
#   awk -f events.awk -v seed=7 -v events=40000 -v day=2026-04-08 >day.ndjson
#
# The same seed gives the same day. With -v folder=DIR -v hours=3 it is written to files instead, one for
# each three hours in which events are sent, named by the hour at which they end. As in life, about one event in a hundred is sent twice, and one
# in a hundred comes late.

function random() {  # 0 <= x < 1; Park and Miller 1988: the same in every awk
  state = (state * 16807) % 2147483647
  return (state - 1) / 2147483646
}
function below(n) { return int(random() * n) }

function customer(kind) { return sprintf("%s-%d", kind, 1 + int(below(36) ^ 0.5)) }  # a few big ones

function clock(second) {
  return sprintf("%sT%02d:%02d:%02dZ", day, int(second / 3600), int(second / 60) % 60, second % 60)
}

# An event that happens at `second`, to be sent when the day has come so far, or later.
function emit(second, type, subject, data,   line) {
  line = sprintf("{\"specversion\":\"1.0\",\"id\":\"%s-%d\",\"source\":\"/examples/day\",\"type\":\"%s\"," \
                 "\"subject\":\"%s\",\"time\":\"%s\",\"data\":{%s}}",
                 type, ++emitted[type], type, subject, clock(second), data)
  later(second + (random() < 0.01 ? 600 + below(3600) : 0), line)
  if (random() < 0.01) later(second + below(900), line)
}
function later(second, line) {
  if (second > 86399) second = 86399
  waiting[second] = waiting[second] line "\n"
}

function llm_request(second,   model, prompt) {
  model = family[below(5)] "-" size[int(4 * random() ^ 2)]
  prompt = 200 + int(8000 * random() ^ 3)
  emit(second, "llm.request", customer("models"),
       sprintf("\"model\":\"%s\",\"mode\":\"%s\",\"input_tokens\":%d,\"cached_tokens\":%d,\"output_tokens\":%d",
               model, random() < 0.1 ? "batch" : "live", prompt, below(prompt), 50 + below(1200)))
}

function conversation(second,   id, subject) {
  id = ++conversations
  subject = customer("outcomes")
  emit(second, "conversation.started", subject, sprintf("\"conversation\":\"c%d\"", id))
  if (second < 82800 && random() < 0.6)
    emit(second + 60 + below(3000), "conversation.resolved_by_agent", subject,
         sprintf("\"conversation\":\"c%d\"", id))
}

BEGIN {
  state = seed + 1
  split("aster birch cedar dune elm", names, " ")
  for (i = 1; i <= 5; ++i) family[i - 1] = names[i]
  split("nano mini base max", names, " ")
  for (i = 1; i <= 4; ++i) size[i - 1] = names[i]
  split("l4 l4 a100 h100", gpu, " ")

  # What each second weighs: a quarter at night, the most at 15:00.
  for (second = 0; second < 86400; ++second) {
    weight[second] = 1 + 0.75 * sin((second / 86400 - 0.375) * 6.283185)
    whole += weight[second]
  }
  for (second = 0; second < 86400; ++second) {
    due += events * weight[second] / whole
    for (; due >= 1; --due) {
      kind = random()
      if (kind < 0.70) llm_request(second)
      else if (kind < 0.92)
        emit(second, "api.call", customer("api"), sprintf("\"path\":\"/v1/search\",\"status\":200"))
      else if (kind < 0.95)
        emit(second, "gpu.job.ended", customer("gpu"),
             sprintf("\"gpu\":\"%s\",\"region\":\"%s\",\"gpu_hours\":%d.%02d", gpu[1 + below(4)],
                     random() < 0.5 ? "us" : "eu", below(4), below(100)))
      else conversation(second)
    }
    if (second in waiting) {
      if (folder == "") printf "%s", waiting[second]
      else printf "%s", waiting[second] >(folder "/" sprintf("%02d", hours * (1 + int(second / 3600 / hours))))
      delete waiting[second]
    }
  }
}
