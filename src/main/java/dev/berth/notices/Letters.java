package dev.berth.notices;

import dev.berth.common.BerthConfig;
import dev.berth.security.User;
import dev.berth.security.Users;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import io.vertx.ext.mail.MailMessage;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** Notices as mail, text and HTML, and codes that confirm addresses. */
@ApplicationScoped
class Letters {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @CheckedTemplate(basePath = "mail", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Templates {
        static native TemplateInstance notice(Told notice, List<String> lines, User user, String link, String account);

        static native TemplateInstance emailCode(User user, String code, String link);

        static native TemplateInstance noticeText(Told notice, User user, String link, String account);
    }

    private final Notices.NoticeRepository notices;
    private final Users users;
    private final MailConfig config;
    private final BerthConfig berth;
    private final MailServer server;

    Letters(
            Notices.NoticeRepository notices,
            Users users,
            MailConfig config,
            BerthConfig berth,
            Vertx vertx,
            TlsConfigurationRegistry tls) {
        this.notices = notices;
        this.users = users;
        this.config = config;
        this.berth = berth;
        this.server = config.on() ? new MailServer(vertx, tls, config, PATIENCE) : null;
    }

    /** @return 0: mail has no such status */
    int send(Deliveries.Claim claim) throws UndeliveredException, NobodyException {
        Row row = row(claim.noticeId());
        if (row.user().disabled() || !row.user().emailConfirmed()) {
            throw new NobodyException("The person has no confirmed mail address, or may not sign in.");
        }
        server.send(mail(row, claim.id()));
        return 0;
    }

    /** The one mail that goes to an address which nobody has confirmed. */
    void sendCode(User user, String code) throws UndeliveredException {
        server.send(new MailMessage()
                .setFrom(config.from().orElseThrow())
                .setTo(user.email())
                .setSubject("[Berth] Confirm your mail address")
                .setText(Templates.emailCode(user, code, link("/account/notices"))
                        .render())
                .addHeader("Auto-Submitted", "auto-generated"));
    }

    private record Row(Told notice, User user) {}

    private Row row(UUID noticeId) {
        return QuarkusTransaction.requiringNew().call(() -> {
            NoticeEntity notice = notices.findById(noticeId);
            return new Row(notice.toTold(), users.byId(notice.userId).orElseThrow());
        });
    }

    private MailMessage mail(Row row, UUID id) {
        String link = link(row.notice().path());
        String account = link("/account/notices");
        return new MailMessage()
                .setFrom(config.from().orElseThrow())
                .setTo(row.user().email())
                .setSubject("[Berth] " + row.notice().title())
                .setText(Templates.noticeText(row.notice(), row.user(), link, account)
                        .render())
                .setHtml(Templates.notice(
                                row.notice(), row.notice().text().lines().toList(), row.user(), link, account)
                        .render())
                // The same for each try, so that a mail that goes out twice is known for one.
                .addHeader("Message-ID", "<" + id + "@" + domain() + ">")
                .addHeader("Auto-Submitted", "auto-generated");
    }

    /** Empty when nobody has told us where people find us. */
    private String link(String path) {
        return berth.publicUrl().map(url -> Links.absolute(url, path)).orElse("");
    }

    private String domain() {
        String from = config.from().orElseThrow();
        return from.substring(from.lastIndexOf('@') + 1).replaceAll("[^A-Za-z0-9.-]", "");
    }

    @PreDestroy
    void close() {
        if (server != null) {
            server.close();
        }
    }
}
