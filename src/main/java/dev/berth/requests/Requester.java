package dev.berth.requests;

/** What a person has asked for so far, in all teams, and what they have. */
public record Requester(long asked, long approved, long denied, long machines) {
    static final Requester NEW = new Requester(0, 0, 0, 0);

    /** {@code 5 requests so far: 3 approved, 1 denied. Has 2 machines.} */
    public String words() {
        return "%d %s so far: %d approved, %d denied. Has %d %s."
                .formatted(
                        asked,
                        asked == 1 ? "request" : "requests",
                        approved,
                        denied,
                        machines,
                        machines == 1 ? "machine" : "machines");
    }
}
