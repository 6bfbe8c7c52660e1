// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import io.sluice.topic.TopicFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The part of {@link Assembly} that is about listeners and who may use them. */
final class ListenerAssembly {

    private final String gatewayId;
    private final Document document;

    ListenerAssembly(String gatewayId, Document document) {
        this.gatewayId = gatewayId;
        this.document = document;
    }

    List<Settings.Listener> listeners(Drafts.Whole whole) {
        List<String> known = whole.access().stream().map(Named::name).toList();
        List<Settings.Listener> listeners = new ArrayList<>();
        Map<String, String> taken = new HashMap<>();
        for (Named<Drafts.Listener> draft : whole.listeners()) {
            refuseTakenPort(draft, taken);
            refuseOpenDoor(draft.value());
            draft.value()
                    .access()
                    .filter(access -> !known.contains(access.value()))
                    .ifPresent(access -> document.problem(
                            access.place(),
                            "there are no access rules named '%s'".formatted(Document.shown(access.value())),
                            known.isEmpty() ? "write them below 'access:'" : Nearest.hint(access.value(), known)));
            listeners.add(
                    draft.value().with().apply(draft.name(), draft.value().tls().map(this::tls)));
        }
        return listeners;
    }

    private Settings.ServerTls tls(Drafts.ServerTls draft) {
        Optional<List<X509Certificate>> chain = certificates(draft.certificate());
        Optional<PrivateKey> key = Optional.empty();
        try {
            key = Optional.of(PemFiles.privateKey(draft.key().value()));
        } catch (IOException wrong) {
            document.problem(
                    draft.key().place(),
                    String.valueOf(wrong.getMessage()),
                    "name a PEM file with a PKCS #8 key: openssl pkcs8 -topk8 -nodes -in OLD -out NEW makes one");
        }
        if (chain.isPresent()
                && key.isPresent()
                && !PemFiles.belongTogether(chain.get().getFirst(), key.get())) {
            document.problem(
                    draft.key().place(),
                    "the key does not belong to the first certificate in "
                            + draft.certificate().value(),
                    "name the key with which it was made, and put the server's own certificate first");
        }
        draft.clientAuthorities().ifPresent(this::certificates);
        return new Settings.ServerTls(
                draft.certificate().value(),
                draft.key().value(),
                draft.clientAuthorities().map(Located::value),
                draft.identity());
    }

    private Optional<List<X509Certificate>> certificates(Located<Path> file) {
        try {
            List<X509Certificate> certificates = PemFiles.certificates(file.value());
            certificates.forEach(certificate -> warnOfTime(certificate, file));
            return Optional.of(certificates);
        } catch (IOException wrong) {
            document.problem(file.place(), String.valueOf(wrong.getMessage()), "name a PEM file with certificates");
            return Optional.empty();
        }
    }

    private void warnOfTime(X509Certificate certificate, Located<Path> file) {
        String name = certificate.getSubjectX500Principal().getName();
        try {
            certificate.checkValidity();
        } catch (CertificateExpiredException past) {
            document.warning(
                    file.place(),
                    "the certificate of %s expired on %s"
                            .formatted(name, certificate.getNotAfter().toInstant()),
                    "renew it; a running gateway takes the new one by itself");
        } catch (CertificateNotYetValidException future) {
            document.warning(
                    file.place(),
                    "the certificate of %s is valid only from %s on"
                            .formatted(name, certificate.getNotBefore().toInstant()),
                    "check this machine's clock");
        }
    }

    private void refuseTakenPort(Named<Drafts.Listener> draft, Map<String, String> taken) {
        Located<Integer> port = draft.value().port();
        String bind = draft.value().bind().value();
        String address = (bind.equals("localhost") ? "127.0.0.1" : bind) + " " + port.value();
        String before = port.value() == 0 ? null : taken.putIfAbsent(address, draft.name());
        if (before != null) {
            document.problem(
                    port.place(),
                    "port %d of %s is taken by the listener '%s'".formatted(port.value(), bind, before),
                    "use another port, or 0 for any free one");
        }
    }

    private void refuseOpenDoor(Drafts.Listener listener) {
        Located<String> bind = listener.bind();
        if (listener.access().isEmpty() && !Scalars.isLoopback(bind.value())) {
            document.problem(
                    bind.place(),
                    "'bind' is '%s', and a listener without access rules is for this machine only"
                            .formatted(Document.shown(bind.value())),
                    "bind 127.0.0.1 or ::1, or say who may do what: 'access: NAME', and NAME below 'access:'");
        }
    }

    List<Settings.Access> access(Drafts.Whole whole) {
        List<Settings.Access> all = new ArrayList<>();
        for (Named<Drafts.Access> draft : whole.access()) {
            Drafts.Access access = draft.value();
            access.usersFile()
                    .filter(file -> !Files.isReadable(file.value()) || Files.isDirectory(file.value()))
                    .ifPresent(file -> document.problem(
                            file.place(),
                            "%s cannot be read, or is not there".formatted(file.value()),
                            "make it with 'sluice passwd FILE USER', readable for the gateway's user"));
            if (access.usersFile().isEmpty() && !access.anonymous() && !certificatesName(whole, draft.name())) {
                document.problem(
                        draft.place(),
                        "nobody can connect under '%s'".formatted(draft.name()),
                        "add 'users-file: FILE', or 'anonymous: true'");
            }
            all.add(new Settings.Access(
                    draft.name(),
                    access.usersFile().map(Located::value),
                    access.anonymous(),
                    access.allow().stream().map(this::allow).toList()));
        }
        return all;
    }

    /** Whether clients may come in under these rules by a certificate alone. */
    private static boolean certificatesName(Drafts.Whole whole, String access) {
        return whole.listeners().stream()
                .map(Named::value)
                .filter(listener -> listener.access().map(Located::value).equals(Optional.of(access)))
                .flatMap(listener -> listener.tls().stream())
                .anyMatch(tls -> tls.identity() == Settings.Identity.COMMON_NAME);
    }

    private Settings.Allow allow(Drafts.Allow draft) {
        return new Settings.Allow(draft.user(), filters(draft.publish()), filters(draft.subscribe()));
    }

    /** The filters, with the placeholders that each client fills anew. */
    private List<String> filters(List<Located<String>> templates) {
        List<String> filters = new ArrayList<>();
        for (Located<String> template : templates) {
            Map<String, String> values = Map.of("gateway", gatewayId, "user", "{user}", "client", "{client}");
            Optional<String> text = Template.fill(template, values, document);
            if (text.isPresent() && isFilter(text.get(), template)) {
                filters.add(text.get());
            }
        }
        return filters;
    }

    private boolean isFilter(String text, Located<String> template) {
        try {
            TopicFilter filter = TopicFilter.of(text.replace("{user}", "user").replace("{client}", "client"));
            if (filter.share().isEmpty()) {
                return true;
            }
            document.problem(
                    template.place(),
                    "a rule is about topics, not about shares of them",
                    "write the filter without $share/NAME/; it holds for shared subscriptions, too");
        } catch (IllegalArgumentException invalid) {
            document.problem(
                    template.place(),
                    String.valueOf(invalid.getMessage()),
                    "a topic filter has + for one level and a last # for all that follow");
        }
        return false;
    }
}
