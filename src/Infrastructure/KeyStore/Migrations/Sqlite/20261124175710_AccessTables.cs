using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace IotBackend.Infrastructure.KeyStore.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class AccessTables : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Certificates",
                table: "api_keys",
                type: "TEXT",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.CreateTable(
                name: "api_key_certificates",
                columns: table => new
                {
                    Fingerprint = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    KeyId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_api_key_certificates", x => x.Fingerprint);
                });

            migrationBuilder.CreateTable(
                name: "audit",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Time = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Action = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Outcome = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    ActorId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: true),
                    ActorName = table.Column<string>(type: "TEXT", maxLength: 128, nullable: true),
                    Address = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    ObjectKind = table.Column<string>(type: "TEXT", maxLength: 32, nullable: true),
                    ObjectId = table.Column<string>(type: "TEXT", maxLength: 512, nullable: true),
                    Before = table.Column<string>(type: "TEXT", nullable: true),
                    After = table.Column<string>(type: "TEXT", nullable: true),
                    RequestId = table.Column<string>(type: "TEXT", maxLength: 128, nullable: true),
                    Count = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "blocks",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Kind = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Value = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Reason = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Until = table.Column<DateTime>(type: "TEXT", nullable: true),
                    Count = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_blocks", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "tiers",
                columns: table => new
                {
                    Name = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Requests = table.Column<long>(type: "INTEGER", nullable: true),
                    Measurements = table.Column<long>(type: "INTEGER", nullable: true),
                    WindowSeconds = table.Column<int>(type: "INTEGER", nullable: false),
                    Burst = table.Column<long>(type: "INTEGER", nullable: false),
                    Version = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_tiers", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "usage",
                columns: table => new
                {
                    KeyId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Hours = table.Column<int>(type: "INTEGER", nullable: false),
                    From = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Requests = table.Column<long>(type: "INTEGER", nullable: false),
                    Measurements = table.Column<long>(type: "INTEGER", nullable: false),
                    Bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    Rejected = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_usage", x => new { x.KeyId, x.Hours, x.From });
                });

            migrationBuilder.CreateIndex(
                name: "IX_api_keys_Tier",
                table: "api_keys",
                column: "Tier");

            migrationBuilder.CreateIndex(
                name: "IX_api_key_certificates_KeyId",
                table: "api_key_certificates",
                column: "KeyId");

            migrationBuilder.CreateIndex(
                name: "IX_audit_Action_Id",
                table: "audit",
                columns: new[] { "Action", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_audit_ActorId_Id",
                table: "audit",
                columns: new[] { "ActorId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_audit_ObjectKind_ObjectId_Id",
                table: "audit",
                columns: new[] { "ObjectKind", "ObjectId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_audit_Time",
                table: "audit",
                column: "Time");

            migrationBuilder.CreateIndex(
                name: "IX_blocks_CreatedAt",
                table: "blocks",
                column: "CreatedAt");

            migrationBuilder.CreateIndex(
                name: "IX_blocks_Kind_Value",
                table: "blocks",
                columns: new[] { "Kind", "Value" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_blocks_Until",
                table: "blocks",
                column: "Until");

            migrationBuilder.CreateIndex(
                name: "IX_usage_Hours_From",
                table: "usage",
                columns: new[] { "Hours", "From" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "api_key_certificates");

            migrationBuilder.DropTable(
                name: "audit");

            migrationBuilder.DropTable(
                name: "blocks");

            migrationBuilder.DropTable(
                name: "tiers");

            migrationBuilder.DropTable(
                name: "usage");

            migrationBuilder.DropIndex(
                name: "IX_api_keys_Tier",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "Certificates",
                table: "api_keys");
        }
    }
}
