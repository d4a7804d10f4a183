package dev.berth.api;

/** Where the API lives. */
final class ApiPaths {
    static final String V1 = "/api/v1";

    private ApiPaths() {}

    static boolean isApi(String path) {
        return path != null && (path.equals("/api") || path.startsWith("/api/"));
    }
}
