// SPDX-License-Identifier: Apache-2.0
/**
 * The link to a broker upstream. A bridge is a subscriber whose client happens to live elsewhere: it drains durable outboxes, keeps only
 * its window in memory, and settles a delivery when upstream has acknowledged it. {@code Bridge} and all it owns live on the broker
 * thread; {@code Upstream} is the contract with the wire, and only {@code PahoUpstream}, {@code PahoLink} and {@code PahoMessages}
 * know Paho, whose threads never get further than the link's inbox. {@code UpstreamSocket} stands between Paho and the network and
 * makes good what Paho gets wrong there. Imports {@code config}, {@code loop}, {@code message}, {@code packet},
 * {@code routing.Delivery}, {@code io.sluice.rules} and {@code io.sluice.topic}.
 */
@NullMarked
package io.sluice.gateway.bridge;

import org.jspecify.annotations.NullMarked;
