/// The embedded files by name; a test compares this list with the folder.
enum EmbeddedResources {
    static var templates: [(String, [UInt8])] {
        [
            ("activity_log", PackageResources.activity_log_mustache),
            ("badge_configured", PackageResources.badge_configured_mustache),
            ("badge_not_configured", PackageResources.badge_not_configured_mustache),
            ("badge_off", PackageResources.badge_off_mustache),
            ("badge_on", PackageResources.badge_on_mustache),
            ("confirm", PackageResources.confirm_mustache),
            ("details", PackageResources.details_mustache),
            ("details_account", PackageResources.details_account_mustache),
            ("details_password", PackageResources.details_password_mustache),
            ("details_profile", PackageResources.details_profile_mustache),
            ("details_sessions", PackageResources.details_sessions_mustache),
            ("details_two_factor", PackageResources.details_two_factor_mustache),
            ("enrolment_panel", PackageResources.enrolment_panel_mustache),
            ("error", PackageResources.error_mustache),
            ("icon_arrow", PackageResources.icon_arrow_mustache),
            ("icon_caution", PackageResources.icon_caution_mustache),
            ("icon_check", PackageResources.icon_check_mustache),
            ("icon_copy", PackageResources.icon_copy_mustache),
            ("icon_danger", PackageResources.icon_danger_mustache),
            ("icon_download", PackageResources.icon_download_mustache),
            ("icon_exit", PackageResources.icon_exit_mustache),
            ("icon_info", PackageResources.icon_info_mustache),
            ("icon_key", PackageResources.icon_key_mustache),
            ("icon_link", PackageResources.icon_link_mustache),
            ("icon_more", PackageResources.icon_more_mustache),
            ("icon_none", PackageResources.icon_none_mustache),
            ("icon_people", PackageResources.icon_people_mustache),
            ("icon_person", PackageResources.icon_person_mustache),
            ("icon_phone", PackageResources.icon_phone_mustache),
            ("icon_plus", PackageResources.icon_plus_mustache),
            ("icon_print", PackageResources.icon_print_mustache),
            ("icon_screen", PackageResources.icon_screen_mustache),
            ("icon_search", PackageResources.icon_search_mustache),
            ("icon_shield", PackageResources.icon_shield_mustache),
            ("invitation", PackageResources.invitation_mustache),
            ("layout_card", PackageResources.layout_card_mustache),
            ("layout_portal", PackageResources.layout_portal_mustache),
            ("link_out", PackageResources.link_out_mustache),
            ("mark", PackageResources.mark_mustache),
            ("messages", PackageResources.messages_mustache),
            ("own", PackageResources.own_mustache),
            ("pager", PackageResources.pager_mustache),
            ("recovery_codes", PackageResources.recovery_codes_mustache),
            ("recovery_codes_page", PackageResources.recovery_codes_page_mustache),
            ("ring", PackageResources.ring_mustache),
            ("role_edit", PackageResources.role_edit_mustache),
            ("roles", PackageResources.roles_mustache),
            ("sessions", PackageResources.sessions_mustache),
            ("settings", PackageResources.settings_mustache),
            ("settings_ready", PackageResources.settings_ready_mustache),
            ("sign_in", PackageResources.sign_in_mustache),
            ("sign_in_enrol", PackageResources.sign_in_enrol_mustache),
            ("sign_in_password", PackageResources.sign_in_password_mustache),
            ("sign_in_recovered", PackageResources.sign_in_recovered_mustache),
            ("sign_in_token", PackageResources.sign_in_token_mustache),
            ("two_factor", PackageResources.two_factor_mustache),
            ("user_created", PackageResources.user_created_mustache),
            ("user_detail", PackageResources.user_detail_mustache),
            ("user_new", PackageResources.user_new_mustache),
            ("users", PackageResources.users_mustache),
            ("welcome", PackageResources.welcome_mustache),
        ]
    }

    /// Served as one stylesheet, in this order.
    static var styles: [[UInt8]] {
        [
            PackageResources.style_1_base_css, PackageResources.style_2_forms_css, PackageResources.style_3_parts_css,
            PackageResources.style_4_pages_css,
        ]
    }
    static var script: [UInt8] { PackageResources.app_js }
    static var favicon: [UInt8] { PackageResources.favicon_svg }
}
