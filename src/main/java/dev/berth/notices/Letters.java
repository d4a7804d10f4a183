package dev.berth.notices;

import dev.berth.common.BerthConfig;
import dev.berth.security.User;
import dev.berth.security.Users;
import dev.berth.tenancy.Invitation;
import dev.berth.tenancy.Invitations;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import io.vertx.ext.mail.MailMessage;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/** Notices and invitations as mail, text and HTML, and codes that confirm addresses. */
@ApplicationScoped
class Letters {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MAX_SUBJECT = 200;
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMMM yyyy", Locale.UK).withZone(ZoneOffset.UTC);

    @CheckedTemplate(basePath = "mail", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Templates {
        static native TemplateInstance notice(Told notice, List<String> lines, User user, String link, String account);

        static native TemplateInstance emailCode(User user, String code, String link);

        static native TemplateInstance noticeText(Told notice, User user, String link, String account);

        static native TemplateInstance invitation(
                Invitation invitation, Tenant team, String by, String until, String link);

        static native TemplateInstance invitationText(
                Invitation invitation, Tenant team, String by, String until, String link);
    }

    private final Notices.NoticeRepository notices;
    private final Users users;
    private final Invitations invitations;
    private final Tenants tenants;
    private final MailConfig config;
    private final BerthConfig berth;
    private final MailServer server;

    Letters(
            Notices.NoticeRepository notices,
            Users users,
            Invitations invitations,
            Tenants tenants,
            MailConfig config,
            BerthConfig berth,
            Vertx vertx,
            TlsConfigurationRegistry tls) {
        this.notices = notices;
        this.users = users;
        this.invitations = invitations;
        this.tenants = tenants;
        this.config = config;
        this.berth = berth;
        this.server = config.on() ? new MailServer(vertx, tls, config, PATIENCE) : null;
    }

    /** @return 0: mail has no such status */
    int send(Deliveries.Claim claim) throws UndeliveredException, NobodyException {
        server.send(claim.invitationId() == null ? notice(claim) : invitation(claim));
        return 0;
    }

    private MailMessage notice(Deliveries.Claim claim) throws NobodyException {
        Row row = row(claim.noticeId());
        if (row.user().disabled() || !row.user().emailConfirmed()) {
            throw new NobodyException("The person has no confirmed mail address, or may not sign in.");
        }
        String link = link(row.notice().path());
        String account = link("/account/notices");
        return mail(
                claim.id(),
                row.user().email(),
                row.notice().title(),
                Templates.noticeText(row.notice(), row.user(), link, account),
                Templates.notice(row.notice(), row.notice().text().lines().toList(), row.user(), link, account));
    }

    private MailMessage invitation(Deliveries.Claim claim) throws NobodyException {
        Invitation open = invitations
                .open(claim.invitationId())
                .orElseThrow(() -> new NobodyException("The invitation is worth nothing any more."));
        Tenant team = tenants.find(List.of(open.tenantId())).get(open.tenantId());
        String by = users.find(open.invitedBy()).map(User::displayName).orElse(open.invitedBy());
        String until = DAY.format(open.expiresAt());
        return mail(
                claim.id(),
                open.email(),
                Announcer.line(by + " invites you to the team " + team.name(), MAX_SUBJECT),
                Templates.invitationText(open, team, by, until, link("/")),
                Templates.invitation(open, team, by, until, link("/")));
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

    private MailMessage mail(UUID id, String to, String subject, TemplateInstance text, TemplateInstance html) {
        return new MailMessage()
                .setFrom(config.from().orElseThrow())
                .setTo(to)
                .setSubject("[Berth] " + subject)
                .setText(text.render())
                .setHtml(html.render())
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
