package dev.berth.web;

import dev.berth.common.Notice;
import dev.berth.notices.Channel;
import dev.berth.notices.Notices;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A topic in a form where one chooses what to hear of. */
public record TopicRow(Notice.Topic topic, String words, boolean bell, boolean mail) {
    static List<TopicRow> all(Map<Notice.Topic, Set<Channel>> on) {
        return Arrays.stream(Notice.Topic.values())
                .map(topic -> new TopicRow(
                        topic,
                        Notices.words(topic),
                        on.getOrDefault(topic, Set.of()).contains(Channel.BELL),
                        on.getOrDefault(topic, Set.of()).contains(Channel.MAIL)))
                .toList();
    }
}
