// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import io.sluice.gateway.journal.JournalDelivery;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.message.UserProperty;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/**
 * A message as a JSON object. The payload is there in Base64 whatever it is, so that one key is enough for programs; where it is UTF-8
 * it is there as text, too, for people and for grep.
 */
final class MessageLine {

    private final long now;
    private final LongUnaryOperator wallMillis;
    private final Json json = new Json();

    /**
     * @param now in milliseconds of the journal's clock
     * @param wallMillis tells the wall clock's time for the journal's
     */
    MessageLine(long now, LongUnaryOperator wallMillis) {
        this.now = now;
        this.wallMillis = wallMillis;
    }

    String delivery(JournalDelivery delivery) {
        json.object();
        SurveyText.owner(json, delivery.owner());
        json.put("sequence", delivery.sequence());
        message(delivery.message(), delivery.qos().level(), delivery.retain());
        if (!delivery.subscriptionIds().isEmpty()) {
            json.array("subscriptionIdentifiers");
            delivery.subscriptionIds().forEach(json::add);
            json.endArray();
        }
        return json.endObject().take();
    }

    String retained(Message message) {
        json.object();
        message(message, message.qos().level(), true);
        return json.endObject().take();
    }

    private void message(Message message, int qos, boolean retain) {
        json.put("topic", message.topic().value()).put("qos", qos).put("retain", retain);
        json.put(
                "receivedAt",
                Instant.ofEpochMilli(wallMillis.applyAsLong(message.receivedAt()))
                        .toString());
        json.put("ageMillis", Math.max(0, now - message.receivedAt()));
        if (message.expirySeconds() != Message.NEVER) {
            json.put("messageExpiryInterval", message.expirySeconds());
            json.put("expirySecondsLeft", message.remainingSeconds(now));
        }
        properties(message.properties());
        Payload payload = message.payload();
        json.put("payload", base64(payload));
        text(payload).ifPresent(text -> json.put("text", text));
    }

    private void properties(MessageProperties properties) {
        if (properties.isUtf8Payload()) {
            json.put("payloadFormatIndicator", 1);
        }
        properties.contentType().ifPresent(type -> json.put("contentType", type));
        properties.responseTopic().ifPresent(topic -> json.put("responseTopic", topic));
        properties.correlationData().ifPresent(data -> json.put("correlationData", base64(data)));
        if (!properties.userProperties().isEmpty()) {
            json.array("userProperties");
            for (UserProperty property : properties.userProperties()) {
                json.array().add(property.name()).add(property.value()).endArray();
            }
            json.endArray();
        }
    }

    private static String base64(Payload bytes) {
        return Base64.getEncoder().encodeToString(bytes.toBytes());
    }

    private static Optional<String> text(Payload payload) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(payload.asBuffer())
                    .toString());
        } catch (CharacterCodingException notText) {
            return Optional.empty();
        }
    }
}
