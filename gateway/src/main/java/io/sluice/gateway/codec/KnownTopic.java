// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.topic.TopicName;

/** A topic name that has been validated, beside its bytes, which are never changed. */
record KnownTopic(TopicName name, byte[] utf8) {}
