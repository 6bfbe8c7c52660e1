// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.message.UserProperty;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.io.DataOutputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttDataTypes;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/**
 * Messages from and to Paho's form. All properties are carried, user properties in their order. A payload format indicator of 0
 * is left out by Paho, which means the same.
 */
final class PahoMessages {

    private static final DataOutputStream NOWHERE = new DataOutputStream(OutputStream.nullOutputStream());

    private PahoMessages() {}

    /**
     * What is to be published.
     *
     * @throws MqttException if Paho cannot carry one of the texts
     * @throws IllegalArgumentException likewise: it refuses control characters, which MQTT only advises against
     */
    static MqttMessage toPaho(TopicName topic, Qos qos, boolean retain, long expirySeconds, Message message)
            throws MqttException {
        check(topic.value());
        MqttProperties properties = new MqttProperties();
        if (expirySeconds != Message.NEVER) {
            properties.setMessageExpiryInterval(expirySeconds);
        }
        if (message.propertiesBytes() > 0) {
            addProperties(properties, message.properties());
        }
        return new MqttMessage(message.payload().toBytes(), qos.level(), retain, properties);
    }

    private static void addProperties(MqttProperties target, MessageProperties source) throws MqttException {
        target.setPayloadFormat(source.isUtf8Payload());
        if (source.contentType().isPresent()) {
            target.setContentType(check(source.contentType().get()));
        }
        if (source.responseTopic().isPresent()) {
            target.setResponseTopic(check(source.responseTopic().get()));
        }
        source.correlationData().map(Payload::toBytes).ifPresent(target::setCorrelationData);
        List<org.eclipse.paho.mqttv5.common.packet.UserProperty> users = new ArrayList<>();
        for (UserProperty user : source.userProperties()) {
            users.add(new org.eclipse.paho.mqttv5.common.packet.UserProperty(check(user.name()), check(user.value())));
        }
        target.setUserProperties(users);
    }

    /** Fails here rather than on Paho's sender thread, where it would end the connection. */
    private static String check(String text) throws MqttException {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c > 0x7E) {
                MqttDataTypes.encodeUTF8(NOWHERE, text);
                break;
            }
        }
        return text;
    }

    /**
     * What has been fetched.
     *
     * @param receivedAt as in {@link Message#of}
     * @throws IllegalArgumentException if the topic is not a topic name; the message says why
     */
    static Message fromPaho(String topic, MqttMessage message, long receivedAt) {
        MqttProperties properties = message.getProperties();
        Long expiry = properties.getMessageExpiryInterval();
        return Message.of(
                new TopicName(topic),
                Qos.of(message.getQos()),
                message.isRetained(),
                properties(properties),
                expiry == null ? Message.NEVER : expiry,
                receivedAt,
                Payload.of(message.getPayload()));
    }

    private static MessageProperties properties(MqttProperties source) {
        MessageProperties.Builder target = MessageProperties.builder();
        if (source.getPayloadFormat()) {
            target.utf8Payload(true);
        }
        if (source.getContentType() != null) {
            target.contentType(source.getContentType());
        }
        if (source.getResponseTopic() != null) {
            target.responseTopic(source.getResponseTopic());
        }
        if (source.getCorrelationData() != null) {
            target.correlationData(Payload.of(source.getCorrelationData()));
        }
        source.getUserProperties().forEach(user -> target.userProperty(user.getKey(), user.getValue()));
        return target.build();
    }
}
