package dev.berth.web;

import static io.restassured.RestAssured.given;

import dev.berth.testing.Portal;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.Map;

/** A browser without scripts: signed in by the form, it sends forms and does not follow redirects by itself. */
public final class Browser {
    private final String session;

    private Browser(String session) {
        this.session = session;
    }

    public static Browser of(String username) {
        return of(username, Portal.PASSWORD);
    }

    public static Browser of(String username, String password) {
        Response answer = given().redirects()
                .follow(false)
                .formParam("username", username)
                .formParam("password", password)
                .post("/login");
        return new Browser(answer.cookie("berth-session"));
    }

    String cookie() {
        return "berth-session=" + session;
    }

    RequestSpecification request() {
        return given().redirects().follow(false).cookie("berth-session", session);
    }

    public Response get(String path) {
        return request().get(path);
    }

    public String html(String path) {
        return get(path).then().statusCode(200).extract().asString();
    }

    public Response post(String path, Map<String, ?> form) {
        return request().formParams(form).post(path);
    }
}
