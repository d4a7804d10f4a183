package dev.berth.api;

import dev.berth.common.Notice;
import dev.berth.common.Page;
import dev.berth.notices.Channel;
import dev.berth.notices.Notices;
import dev.berth.notices.Switches;
import dev.berth.notices.Told;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** What the caller was told, and what they want to be told of. */
@Path(ApiPaths.V1)
@Tag(name = "Notices")
public class NoticeResource {
    /**
     * What the caller hears of by which way.
     *
     * @param mailOn whether mail can be sent at all
     */
    @Schema(name = "NoticeSwitches")
    public record SwitchesView(boolean mailOn, Map<Notice.Topic, Set<Channel>> on) {}

    /** The ways that shall be on, by topic; one that is not named stays as it is. */
    public record NewSwitches(
            @Schema(required = true, examples = "{\"MACHINE\":[\"BELL\",\"MAIL\"],\"LEASE\":[]}")
                    Map<Notice.Topic, List<Channel>> on) {}

    private final Callers callers;
    private final Notices notices;
    private final Switches switches;

    NoticeResource(Callers callers, Notices notices, Switches switches) {
        this.callers = callers;
        this.notices = notices;
        this.switches = switches;
    }

    @GET
    @Path("/notices")
    @Operation(summary = "List my notices", description = "Newest first.")
    public Page<Told> list(
            @Parameter(description = "Only what is unread.") @QueryParam("unread") boolean unread,
            @BeanParam Paging paging) {
        return notices.list(callers.current(), unread, paging.limit(), paging.cursor());
    }

    @POST
    @Path("/notices/{id}/read")
    @Idempotent
    @Operation(summary = "Mark a notice as read")
    public RestResponse<Told> read(@PathParam("id") UUID id) {
        return RestResponse.ok(notices.read(callers.current(), id));
    }

    @POST
    @Path("/notices/read-all")
    @Idempotent
    @APIResponse(responseCode = "204", description = "All are read.")
    @Operation(summary = "Mark all my notices as read")
    public RestResponse<Void> readAll() {
        notices.readAll(callers.current());
        return RestResponse.noContent();
    }

    @GET
    @Path("/notice-switches")
    @Operation(summary = "Show what I am told of", description = "The ways that are on, by topic.")
    public SwitchesView switches() {
        return view(callers.current());
    }

    @PUT
    @Path("/notice-switches")
    @Idempotent
    @Operation(summary = "Set what I am told of")
    public RestResponse<SwitchesView> setSwitches(NewSwitches wanted) {
        Caller caller = callers.current();
        Map<Notice.Topic, Set<Channel>> on = new EnumMap<>(Notice.Topic.class);
        Map<Notice.Topic, List<Channel>> given = Answers.body(wanted).on();
        if (given != null) {
            given.forEach((topic, channels) -> {
                Set<Channel> set = EnumSet.noneOf(Channel.class);
                set.addAll(Answers.list(channels));
                on.put(topic, set);
            });
        }
        switches.set(caller, on);
        return RestResponse.ok(view(caller));
    }

    private SwitchesView view(Caller caller) {
        return new SwitchesView(switches.mailOn(), switches.of(caller));
    }
}
